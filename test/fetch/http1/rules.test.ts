import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cuts, type Outcome, read } from './read.ts';
import { readByUndici } from './read-by-undici.ts';
import { CODINGS, ENDS, LENGTHS } from './rules/bodies.ts';
import { CHUNKS } from './rules/chunks.ts';
import { CONNECTIONS } from './rules/connections.ts';
import { FIELDS, STATUS_LINES } from './rules/heads.ts';
import type { Difference, Made } from './rules/rule.ts';

const RULES = [STATUS_LINES, FIELDS, CONNECTIONS, LENGTHS, CODINGS, CHUNKS, ENDS].flat();

/** The outcome in the words of the rules, which leave out the status 200. */
function madeOf(outcome: Outcome): Made {
  if ('code' in outcome) return { refuses: outcome.code };
  const { status, body, isReusable } = outcome;
  return { ...(isReusable ? { keeps: body } : { ends: body }), ...(status !== 200 && { status }) };
}

/** How undici's outcome differs from ours. */
function differenceOf(ours: Outcome, theirs: Outcome): Difference | undefined {
  if ('code' in theirs) return 'code' in ours ? undefined : 'refuses';
  if ('code' in ours) return 'takes';
  return ours.status === theirs.status && ours.body === theirs.body ? undefined : 'differs';
}

for (const { about, rfc, says, answer, made, undici } of RULES)
  test(`${about}: ${rfc}: ${says}`, async () => {
    for (const chunks of cuts(answer)) {
      const sizes = chunks.map(({ length }) => length);
      assert.deepEqual(madeOf(read(chunks)), made, `cut as ${sizes}`);
    }
    const bytes = Buffer.from(answer, 'latin1');
    assert.equal(differenceOf(read([bytes]), await readByUndici(bytes)), undici, 'undici');
  });
