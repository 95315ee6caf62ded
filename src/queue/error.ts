import { StorageError } from '../storage/index.ts';

/** What is wrong with a queue, its server or a worker's place in a run: for the user, as it is. */
export class QueueError extends Error {
  override readonly name = 'QueueError';
}

/** The server of a queue is away, or does not answer as it should: what was asked of it is asked again. */
export class ServerError extends Error {
  override readonly name = 'ServerError';

  constructor(cause: unknown) {
    super(wordsOf(cause), { cause });
  }
}

/** PostgreSQL's codes are SQLSTATEs of five characters; the system's are longer, or shorter. */
const SQLSTATE = /^[0-9][0-9A-Z]{4}$/;
/** What a server says that is going down or coming up: PostgreSQL's classes 57P and 08, Redis's first word. */
const IS_AWAY = /^(?:57P|08)/;
const IS_LOADING = /^(?:LOADING|MASTERDOWN)\b/;

/** What keeps a server from being used, after its name: it is away, or it answers and refuses. */
export function whyUnusable(error: unknown): string {
  const cause = error instanceof ServerError ? error.cause : error;
  const { name, code = '', message = '' } = cause as { name?: string; code?: string; message?: string };
  const answers =
    (name === 'ReplyError' && !IS_LOADING.test(message)) || (SQLSTATE.test(code) && !IS_AWAY.test(code));
  return `${answers ? 'refuses what it is asked' : "can't be reached"} (${wordsOf(error)})`;
}

/** At its beginning a process waits for no server. */
export function atTheBeginning(error: unknown, server: string): unknown {
  return error instanceof ServerError ? new QueueError(`${server} ${whyUnusable(error)}.`) : error;
}

/** What is asked of a server. @throws ServerError */
export async function asked<Answer>(answer: Promise<Answer>): Promise<Answer> {
  try {
    return await answer;
  } catch (error) {
    throw new ServerError(error);
  }
}

/** Whether an error is one of a server or storage that is away for a while. The beat tells of it; what failed is asked for again. */
export function isPassing(error: unknown): boolean {
  return error instanceof ServerError || (error instanceof StorageError && error.isPassing);
}

/** What a library or the system says, in one line. */
export function wordsOf(error: unknown): string {
  // Where several addresses are tried, only the parts say what was wrong.
  if (error instanceof AggregateError && error.errors.length > 0) return wordsOf(error.errors[0]);
  const { message, code } = error as { message?: string; code?: string };
  const line = (message || code || String(error)).split('\n', 1)[0]!.trim();
  // Redis names the script in which it refused a command.
  // Node has advice for programs that run on their own.
  return line.replace(/\.? script: [0-9a-f]{40}.*$|; if the root CA is installed.*$|\.+$/, '');
}
