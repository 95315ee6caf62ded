import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { version } from '../../package/index.ts';
import type { Distribution, ReportOutcome } from '../../report/index.ts';
import { type ProgressFigures, say } from '../../view/index.ts';
import { UsageError } from '../usage.ts';
import type { ReportFlags } from './options.ts';

/** The processes that fetch for a report. */
export interface Others {
  readonly distribution: Distribution;
  /** The outcome as this process prints it. */
  told(outcome: ReportOutcome): ReportOutcome;
  /** What the progress line shows of them. */
  figures?(): Pick<ProgressFigures, 'workers'>;
  close?(): Promise<void>;
}

/**
 * Which processes fetch for a report, by its options; null: this one. `testServer`: the one that it has started.
 * @throws UsageError, StorageError, QueueError
 */
export async function distributionOf(flags: ReportFlags, testServer: string | null): Promise<Others | null> {
  const { shard, parts, collect, queue } = flags;
  if (queue !== undefined) return workersOf(queue, flags, testServer);
  if (shard === undefined && parts !== undefined)
    throw new UsageError(
      '--parts is where shards or workers leave their results: give --shard or --queue too',
    );
  if (shard === undefined && collect === undefined) return null;
  // Loaded only here: most reports are of one machine.
  const [{ GatherDistribution, ShardDistribution }, { openStorage }] = await Promise.all([
    import('../../chunks/index.ts'),
    import('../../storage/index.ts'),
  ]);
  if (shard === undefined) {
    const places = await Promise.all(collect!.map((place) => openStorage(place)));
    return { distribution: new GatherDistribution(places), told: (outcome) => outcome };
  }
  if (parts === undefined)
    throw new UsageError('--shard needs --parts, the place where all shards leave their results');
  const storage = await openStorage(parts);
  await storage.probe();
  const distribution = new ShardDistribution(shard, storage, version());
  return {
    distribution,
    told: (outcome) => ({
      ...outcome,
      folder: distribution.place,
      notes: [...outcome.notes, ...alreadyNotes(distribution)],
    }),
  };
}

/** The workers of a queue. */
async function workersOf(
  queue: string,
  { parts, quiet }: ReportFlags,
  testServer: string | null,
): Promise<Others> {
  const { openDistribution } = await import('../../queue/index.ts');
  const distribution = await openDistribution({
    queue,
    parts: parts ?? null,
    version: version(),
    testServer,
    tell: (text, isTrouble) => {
      if (isTrouble || !quiet) say(text);
    },
  });
  return {
    distribution,
    told: (outcome) => outcome,
    figures: () => ({ workers: distribution.workers().length }),
    close: () => distribution.close(),
  };
}

function alreadyNotes({ already, written, place }: { already: number; written: number; place: string }) {
  if (already === 0) return [];
  const chunks = already === 1 ? '1 chunk of this shard was' : `${already} chunks of this shard were`;
  const all = written === 0 ? ' Nothing was fetched: a new run needs another --parts.' : '';
  return [`${chunks} in ${place} already.${all}`];
}

/** A folder that is removed when it is disposed of. */
export async function scratchFolder(): Promise<AsyncDisposable & { readonly path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'abreast-shard-'));
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
