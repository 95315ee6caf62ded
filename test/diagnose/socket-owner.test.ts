import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { socketOwner } from '../../src/diagnose/index.ts';
import type { Environment } from '../../src/trace/index.ts';

const put = {
  target: 'urllib3.util.ssl_.SSLContext',
  by: 'pyOpenSSL',
  version: '19.0.0',
  at: '/site-packages/requests/__init__.py:96',
  replacement: 'urllib3.contrib.pyopenssl.PyOpenSSLContext',
};
const gevent = { target: 'ssl', by: 'gevent', version: '1.4.0', at: '/site-packages/grequests.py:15' };
const environment: Environment = {
  kind: 'environment',
  pid: 1,
  language: 'python',
  version: '3.7.16',
  modules: [
    { name: 'pyOpenSSL', version: '19.0.0' },
    { name: 'gevent', version: '1.4.0' },
    { name: 'pysocks', version: '1.7' },
  ],
  patches: [{ ...gevent, target: 'select', replacement: null, left: ['select.poll'] }, gevent, put],
};

describe('the module that a class of sockets comes from', () => {
  it('is the one that put another class of the same file in its place', () => {
    assert.deepEqual(socketOwner('urllib3.contrib.pyopenssl.WrappedSocket', environment), {
      module: 'pyOpenSSL',
      version: '19.0.0',
      patch: put,
    });
  });

  it('is pyOpenSSL where nobody saw what it replaced', () => {
    const { patches: _, ...unseen } = environment;
    const owner = socketOwner('requests.packages.urllib3.contrib.pyopenssl.WrappedSocket', unseen);
    assert.deepEqual(owner, { module: 'pyOpenSSL', version: '19.0.0' });
  });

  it('is the one whose name the class begins with, with its patch of sockets', () => {
    assert.deepEqual(socketOwner('gevent._ssl3.SSLSocket', environment)?.patch, gevent);
    assert.deepEqual(socketOwner('pysocks.socksocket', environment), { module: 'pysocks', version: '1.7' });
  });

  it('is the language for its own classes, and nobody for those that no one knows', () => {
    assert.deepEqual(socketOwner('ssl.SSLSocket', environment), { module: 'python', version: '3.7.16' });
    assert.equal(socketOwner('stranger.Socket', environment), undefined);
  });
});
