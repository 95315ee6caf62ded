import type { Context, Token } from '../contract.ts';
import { LambdaError } from '../error.ts';

/** What an event asks for. */
export type Asked = Pick<Token, 'run' | 'turn' | 'idle'> & {
  /** Of the message that it came by; null where it came by none. */
  readonly messageId: string | null;
  /** Somebody names the run: it is carried on even if it ended before it had done what it was for. */
  readonly byName: boolean;
};

/** The names of runs: they are folders. */
const RUN = /^[\w-]{1,128}$/;
const MOST_SHOWN = 200;

/**
 * What an event asks for: to carry on a run, or to begin one. The same event, delivered or tried again, gives the same run.
 * @throws LambdaError
 */
export function askedOf(event: unknown, { awsRequestId }: Context): Asked {
  const records = isObject(event) && Array.isArray(event.Records) ? event.Records : [];
  const [record] = records;
  if (isObject(record) && record.eventSource === 'aws:sqs') {
    if (records.length > 1)
      throw new LambdaError(
        `the event has ${records.length} messages, and an invocation carries on one run. Set BatchSize to 1 where the function gets the queue's messages.`,
      );
    const messageId = String(record.messageId);
    return { ...askedBy(parsed(String(record.body)), messageId), messageId };
  }
  return { ...askedBy(event, awsRequestId), messageId: null };
}

/** `id`: of the event, the same at each delivery. */
function askedBy(event: unknown, id: string): Omit<Asked, 'messageId'> {
  const { abreast, run, turn, idle } = isObject(event) ? event : {};
  if (abreast === 'lambda' && isRun(run) && typeof turn === 'number')
    return { run, turn, idle: typeof idle === 'number' ? idle : 0, byName: false };
  return { run: isRun(run) ? run : runOf(event, id, run), turn: 1, idle: 0, byName: isRun(run) };
}

function runOf(event: unknown, id: string, run: unknown): string {
  if (run !== undefined)
    throw new LambdaError(
      `the event names the run ${JSON.stringify(run).slice(0, MOST_SHOWN)}, and the name of a run is a text of at most 128 letters (a to z), digits, '_' and '-'.`,
    );
  // As EventBridge has them, whose events may come twice.
  if (isObject(event) && typeof event.time === 'string' && typeof event.id === 'string')
    return `${event.time}-${event.id.slice(0, 8)}`.replaceAll(/[^\w-]/g, '-');
  return `run-${id}`.replaceAll(/[^\w-]/g, '-');
}

function isRun(run: unknown): run is string {
  return typeof run === 'string' && RUN.test(run);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
