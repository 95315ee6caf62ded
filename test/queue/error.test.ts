import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ServerError, whyUnusable } from '../../src/queue/error.ts';

function said(name: string, message: string, code?: string): string {
  return whyUnusable(new ServerError(Object.assign(new Error(message), { name, code })));
}

test('a server that goes down or comes up is away, though it answers; one that refuses is not', () => {
  const away = "can't be reached";
  const refuses = 'refuses what it is asked';
  const words = 'terminating connection due to unexpected postmaster exit';
  assert.equal(said('error', words, '57P01'), `${away} (${words})`);
  assert.equal(said('error', 'the database system is starting up', '57P03').split(' (')[0], away);
  assert.equal(said('error', 'connection failure', '08006').split(' (')[0], away);
  assert.equal(said('error', 'permission denied for schema abreast', '42501').split(' (')[0], refuses);
  assert.equal(said('ReplyError', 'LOADING Redis is loading the dataset in memory').split(' (')[0], away);
  assert.equal(said('ReplyError', 'NOPERM this user has no permissions').split(' (')[0], refuses);
  assert.equal(said('Error', 'connect ECONNREFUSED', 'ECONNREFUSED').split(' (')[0], away);
});
