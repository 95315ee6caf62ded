import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  collect,
  type Evidence,
  earlierOf,
  judgeTrace,
  membersOf,
  noEvidence,
  type Part,
  type PartJson,
  type Question,
  replay,
  settle,
  timesOf,
  UNSENT,
  type Verdict,
} from '../../src/diagnose/index.ts';
import { readTrace } from '../../src/trace/index.ts';

const AS_IT_WAS: Question = { lifted: [], atOnce: null, betweenUs: 0 };
const folder = join(import.meta.dirname, '../traces/cases');

interface Run {
  readonly verdict: Verdict;
  readonly evidence: Evidence;
  readonly endedUs: number;
}

async function read(path: string): Promise<Run> {
  const evidence = noEvidence();
  let endedUs = 0;
  for await (const batch of await readTrace(path))
    for (const record of batch) {
      if (record.kind === 'end') endedUs = record.endedUs;
      else collect(evidence, record);
    }
  settle(evidence);
  for (const exchange of evidence.exchange) {
    const { wanted, dispatched, connected, sent, answered, end } = timesOf(exchange)!;
    for (const time of [wanted, dispatched, connected, sent, answered, end])
      if (time < Infinity) endedUs = Math.max(endedUs, time);
  }
  return { verdict: (await judgeTrace(path)).verdict, evidence, endedUs };
}

/** Replays exchange by exchange what the verdict replayed from its sums. */
function replayed({ evidence, endedUs }: Run, part: PartJson | null, question: Question): number {
  const isMember = membersOf(partOf(part), evidence.stack);
  const members = evidence.exchange.filter(isMember);
  const earlierUs = earlierOf(evidence, question.lifted.length > 0 ? undefined : () => 0);
  const quickest = Map.groupBy(members, ({ origin, stack }) => `${origin} ${stack}`);
  const quickestUs = new Map(
    [...quickest].map(([key, own]) => [
      key,
      Math.min(...own.map((one) => timesOf(one)!.answered - timesOf(one)!.sent).filter((us) => us >= 0)),
    ]),
  );
  return replay(
    (visitor) => {
      for (const exchange of members) {
        const { wanted, dispatched, connected, sent, answered, end } = timesOf(exchange)!;
        const quick = quickestUs.get(`${exchange.origin} ${exchange.stack}`)!;
        visitor(wanted, dispatched, connected, sent, answered, end, earlierUs(exchange), quick);
      }
    },
    endedUs,
    question,
  );
}

function partOf(json: PartJson | null): Part {
  if (json === null) return { origin: null, at: null };
  const { origin, at, fromUs, untilUs, except } = json;
  const within = fromUs === null ? null : { fromUs, untilUs: untilUs ?? Infinity };
  return { origin, at, within, except: except.map(partOf) };
}

describe('a replay', () => {
  const runs = readdirSync(folder)
    .filter((file) => file.endsWith('.zst'))
    .map((file) => [file, join(folder, file)] as const);

  it('answers what the verdict asked with the possible time of the verdict, for every trace of a case', async () => {
    let asked = 0;
    for (const [name, path] of runs) {
      const run = await read(path);
      const { replay: json, possibleWallMs, wallMs } = run.verdict;
      if (json === null) continue;
      asked++;
      const { lifted, atOnce, betweenMs } = json;
      const us = replayed(run, json.of, { lifted, atOnce, betweenUs: betweenMs * 1e3 });
      const ms = Math.min(us / 1e3, wallMs);
      assert.ok(Math.abs(ms - possibleWallMs!) < 0.05, `${name}: ${ms} is not ${possibleWallMs}`);
    }
    assert.ok(asked > runs.length / 2, `${asked} of ${runs.length}`);
  });

  it('in which nothing is lifted takes as long as the run did, for every trace of a case', async () => {
    for (const [name, path] of runs) {
      const run = await read(path);
      if (run.evidence.exchange.length === 0) continue;
      const times = run.evidence.exchange.map((exchange) => timesOf(exchange)!);
      const end = ({ wanted, end }: (typeof times)[0]) =>
        end === Infinity ? Math.max(wanted, run.endedUs) : end;
      const wallUs = Math.max(...times.map(end)) - Math.min(...times.map(({ wanted }) => wanted));
      assert.equal(Math.round(replayed(run, null, AS_IT_WAS)), wallUs, name);
    }
  });

  /** Wanted at once; each waits for a slot, opens a connection in 10 ms, waits for its thread, is answered in 100 ms. */
  const visitAll =
    (all: readonly { readonly slot: number; readonly thread: number }[]) =>
    (visitor: Parameters<Parameters<typeof replay>[0]>[0]) => {
      for (const { slot, thread } of all) {
        const sent = slot + 10 + thread;
        visitor(0, slot, slot + 10, sent, sent + 100, sent + 100, 0, 100);
      }
    };

  it('lifts one wait and leaves the others', () => {
    const visit = visitAll([
      { slot: 0, thread: 0 },
      { slot: 50, thread: 20 },
    ]);
    const wall = (...lifted: Question['lifted']) => replay(visit, 1_000, { ...AS_IT_WAS, lifted });
    assert.equal(wall(), 180);
    assert.equal(wall('dispatched'), 130);
    assert.equal(wall('connected'), 170);
    assert.equal(wall('sent'), 160);
    assert.equal(wall(...UNSENT), 100);
  });

  it('lets so many go at once as are asked for, and a wait for what others hold takes no slot', () => {
    const apart = visitAll([0, 110, 220, 330].map((slot) => ({ slot, thread: 0 })));
    const wall = (atOnce: number | null, lifted: Question['lifted'] = []) =>
      replay(apart, 1_000, { lifted, atOnce, betweenUs: 0 });
    assert.deepEqual([wall(null), wall(1), wall(2)], [440, 440, 440]);
    assert.deepEqual(
      [1, 2, 3, 4, null].map((atOnce) => wall(atOnce, ['dispatched'])),
      [440, 220, 220, 110, 110],
    );
  });

  it('says when each exchange would have been wanted and begun', () => {
    const begun: number[][] = [];
    const visit = visitAll([
      { slot: 0, thread: 0 },
      { slot: 110, thread: 0 },
    ]);
    replay(visit, 1_000, { lifted: UNSENT, atOnce: 1, betweenUs: 0 }, (index, piece, begins) =>
      begun.push([index, piece.wanted, begins]),
    );
    assert.deepEqual(begun, [
      [0, 0, 0],
      [1, 0, 100],
    ]);
  });
});
