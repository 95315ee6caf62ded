import { text } from 'node:stream/consumers';
import { type DistributedOrder, type Report, ReportError } from '../report/index.ts';
import type { Storage } from '../storage/index.ts';
import type { RunDescription, SharedRun } from './description.ts';
import { plannedName } from './names.ts';

type Planned = DistributedOrder['planned'];

/**
 * Makes sure that every process that reads the rows of a source by itself finds the same ones: else a chunk of one
 * process had other rows than that of another. The first says what they are. @throws ReportError, StorageError
 */
export async function agreeOnRows(
  { storage, description, report }: SharedRun,
  planned: Planned,
): Promise<void> {
  const { name, count, hash } = planned;
  await storage.writeOnce(
    plannedName(description.run, name),
    Buffer.from(`${JSON.stringify({ count, hash })}\n`),
  );
  await refuseOtherRows({ storage, description, report }, planned);
}

/** @throws ReportError where the rows are not those that were fetched, StorageError */
export async function refuseOtherRows(
  {
    storage,
    description: { run },
    report,
  }: {
    readonly storage: Pick<Storage, 'read' | 'url'>;
    readonly description: RunDescription;
    readonly report: Report;
  },
  { name, count, hash }: Planned,
): Promise<void> {
  const bytes = await storage.read(plannedName(run, name));
  if (bytes === null) return;
  const there = JSON.parse(await text(bytes)) as Pick<Planned, 'count' | 'hash'>;
  if (there.hash === hash) return;
  const counts = there.count === count ? '' : ` (${there.count} there, ${count} here)`;
  throw new ReportError(
    `${report.file}: the rows of '${name}' are not those that the run in ${storage.url}/${run} was begun with${counts}. ` +
      'Give each run a place of its own, and rows that are the same for every process.',
  );
}
