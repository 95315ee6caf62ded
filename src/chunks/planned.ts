import { text } from 'node:stream/consumers';
import { type DistributedOrder, type Report, ReportError } from '../report/index.ts';
import type { Storage } from '../storage/index.ts';
import type { RunDescription, SharedRun } from './description.ts';
import { plannedName } from './names.ts';

type Planned = DistributedOrder['planned'];

/**
 * Makes sure that all processes read the same rows from a source: otherwise the same chunk would have other rows in
 * another process. The first process writes the number of rows and their hash. @throws ReportError, StorageError
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

/** @throws ReportError if the rows differ from those that were fetched, StorageError */
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
    `${report.file}: the rows of '${name}' differ from those of the run in ${storage.url}/${run}${counts}. ` +
      'Use a new --parts for each run, and a source that gives every process the same rows.',
  );
}
