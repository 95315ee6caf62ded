import assert from 'node:assert/strict';
import { test } from 'node:test';
import { inFlightOf } from '../../src/stages/local/in-flight.ts';

const span = (fromMs: number, toMs: number) => ({ fromMs, toMs });

test('requests one after the other are one in flight, however long the pauses', () => {
  assert.deepEqual(inFlightOf([span(0, 100), span(150, 250), span(900, 1000)]), { mean: 1, max: 1 });
});

test('requests that overlap count for as long as they do', () => {
  assert.deepEqual(inFlightOf([span(0, 100), span(50, 150)]), { mean: 200 / 150, max: 2 });
});

test('one that begins as another ends does not overlap it', () => {
  assert.deepEqual(inFlightOf([span(100, 200), span(0, 100)]), { mean: 1, max: 1 });
});

test('of no requests nothing is said', () => {
  assert.equal(inFlightOf([]), null);
});
