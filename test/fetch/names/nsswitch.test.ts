import assert from 'node:assert/strict';
import { test } from 'node:test';
import { parseNsswitch, planFor } from '../../../src/fetch/names/nsswitch.ts';

const plan = (name: string, line: string) =>
  planFor(name, parseNsswitch(`passwd: files\n${line}\n`), 'Me.example');

test('files and DNS are read by ourselves, in the order given', () => {
  assert.deepEqual(plan('a.test', 'hosts: files dns'), ['files', 'dns']);
  assert.deepEqual(plan('a', 'hosts:\tdns files # new'), ['dns', 'files']);
  assert.deepEqual(plan('a', ''), ['files', 'dns']);
});

test('the usual desktop line leaves only local names to the system', () => {
  const desktop =
    'hosts: files mdns4_minimal [NOTFOUND=return] resolve [!UNAVAIL=return] dns myhostname mymachines';
  assert.deepEqual(plan('a.test', desktop), ['files', 'dns']);
  assert.equal(plan('printer.local', desktop), 'system');
  assert.equal(plan('Printer.LOCAL.', desktop), 'system');
  assert.equal(plan('laptop', desktop), 'system');
  assert.equal(plan('me.example', desktop), 'system');
});

test('systemd-resolved alone means DNS', () => {
  assert.deepEqual(plan('a.test', 'hosts: files resolve'), ['files', 'dns']);
});

for (const service of ['nis', 'ldap', 'sss', 'winbind', 'unheard-of']) {
  test(`a service that may know any name (${service}) leaves all to the system`, () => {
    assert.equal(plan('a.test', `hosts: files ${service} dns`), 'system');
  });
}

test('actions that change who is asked are left to the system', () => {
  assert.equal(plan('a.test', 'hosts: files [SUCCESS=continue] dns'), 'system');
  assert.equal(plan('a.test', 'hosts: files dns [TRYAGAIN=continue] myhostname'), 'system');
});
