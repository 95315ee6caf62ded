/**
 * The process under torture: GETs what it is told to, by the built package, as a program of a user would. Nothing is
 * caught here that a program of a user would not catch.
 */
import type { Input, imap, map, Options, Result } from '../../../src/fetch/index.ts';
import type { Outcome } from '../case.ts';
import { digest } from '../digest.ts';

/** One run: its options, and what it GETs. */
export interface RunOrder {
  readonly by: 'imap' | 'map';
  readonly options: Options<string>;
  readonly inputs: readonly (Input<string> & { readonly data: string })[];
}

/** Runs side by side. */
export interface Order {
  readonly runs: readonly RunOrder[];
  /** Garbage is collected all the time: what a hostile server spoiled may come to light only then. */
  readonly collecting: boolean;
}

/** From the process, in this order: a result for each input, then one 'ended'. */
export type Told =
  | { readonly kind: 'ready' }
  | { readonly kind: 'result'; readonly id: string; readonly outcome: Outcome }
  /** `open`: what would keep the process alive. */
  | { readonly kind: 'ended'; readonly open: readonly string[]; readonly peakKb: number };

/** How long closed sockets take to be gone. */
const SETTLE_MS = 20;
const SETTLE_TRIES = 250;
const COLLECT_MS = 20;

type Door = { readonly imap: typeof imap; readonly map: typeof map };

const abreast: Door = await import(process.argv[2]!);
const ownHandles = watched().length;

process.on('message', async ({ runs, collecting }: Order) => {
  const collector = collecting ? setInterval(() => global.gc!(), COLLECT_MS).unref() : undefined;
  await Promise.all(runs.map((run) => (run.by === 'imap' ? byLoop(run) : byMap(run))));
  clearInterval(collector);
  const { maxRSS: peakKb } = process.resourceUsage();
  const open = await leftOpen();
  global.gc!();
  tell({ kind: 'ended', open, peakKb });
});
tell({ kind: 'ready' });

async function byLoop({ options, inputs }: RunOrder): Promise<void> {
  for await (const result of abreast.imap<string>(inputs, options)) report(result);
}

async function byMap({ options, inputs }: RunOrder): Promise<void> {
  for (const result of await abreast.map<string>(inputs, options)) report(result);
}

function report(result: Result<string>): void {
  const { status, error, body, headers, totalMs } = result;
  tell({
    kind: 'result',
    id: result.data!,
    outcome: {
      status,
      error: error === null ? null : { code: error.code, text: error.message },
      body: body === null ? null : digest(body),
      headers: Object.fromEntries(
        Object.entries(headers ?? {})
          .slice(0, 20)
          .map(([name, value]) => [name, String(value).slice(0, 200)]),
      ),
      totalMs,
    },
  });
}

/** What is open after the runs have ended, when it has had time to close. */
async function leftOpen(): Promise<readonly string[]> {
  for (let tries = 0; ; tries++) {
    const open = watched();
    if (open.length <= ownHandles || tries === SETTLE_TRIES) return open.slice(0, open.length - ownHandles);
    await new Promise((resolve) => setTimeout(resolve, SETTLE_MS).unref());
  }
}

function watched(): string[] {
  return process
    .getActiveResourcesInfo()
    .filter((kind) => /TCP|TLS|UDP|Req|Channel|Timeout|Immediate/.test(kind));
}

function tell(told: Told): void {
  process.send!(told);
}
