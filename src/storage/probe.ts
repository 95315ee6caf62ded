import { randomUUID } from 'node:crypto';
import { text } from 'node:stream/consumers';
import { StorageError } from './error.ts';
import type { Storage } from './storage.ts';

/** Tries a storage: it writes, reads, lists and removes, and a name is written once. @throws StorageError */
export async function probeStorage(storage: Omit<Storage, 'probe'>): Promise<void> {
  const name = `abreast-probe-${randomUUID()}`;
  await probeWith(storage, name).catch((error) => {
    throw ofPlace(error, name);
  });
}

/** The place is what can't be used: nobody has heard of the name. */
function ofPlace(error: unknown, name: string): unknown {
  if (!(error instanceof StorageError)) return error;
  return new StorageError(error.fault, error.message.replaceAll(`/${name}`, ''), error.cause);
}

async function probeWith(storage: Omit<Storage, 'probe'>, name: string): Promise<void> {
  const wasWritten = await storage.writeOnce(name, Buffer.from(FIRST));
  try {
    await tryName(storage, name, wasWritten);
  } catch (error) {
    await storage.remove(name).catch(() => {}); // the first error is the one to report
    throw error;
  }
  await storage.remove(name);
}

const FIRST = 'first';
const SECOND = 'second';

async function tryName(storage: Omit<Storage, 'probe'>, name: string, wasWritten: boolean): Promise<void> {
  const wasReplaced = await storage.writeOnce(name, Buffer.from(SECOND));
  const stream = await storage.read(name);
  const kept = stream === null ? null : await text(stream);
  const isKept = kept === FIRST || kept === SECOND;
  if (!wasWritten || !isKept) throw broken(storage, 'it does not give back what was written');
  if (wasReplaced || kept === SECOND) throw unsafe(storage);
  for await (const listed of storage.list(name)) if (listed === name) return;
  throw broken(storage, 'it does not list what was written');
}

function unsafe({ url }: Pick<Storage, 'url'>): StorageError {
  return new StorageError(
    'unsafe',
    `${url}: a second writer replaces what the first one wrote, so results could be lost. The server ignores ` +
      'If-None-Match; use AWS S3, or a server that answers 412 to it.',
  );
}

function broken({ url }: Pick<Storage, 'url'>, what: string): StorageError {
  return new StorageError('broken', `${url}: ${what}, so no results can be kept there. Give another place.`);
}
