import type { Command } from 'commander';
import type { Verdict } from '../diagnose/index.ts';
import { type GetFlags, getDefinition } from './get/options.ts';
import type { GetOrder } from './get/run.ts';
import { exitCodeOf, isForUser } from './usage.ts';

/** `abreast get`. */
export function getCommand(): Command {
  return getDefinition().action(async (urls: string[], flags: GetFlags, command: Command) => {
    try {
      process.exitCode = await get(urls, flags);
    } catch (error) {
      if (!isForUser(error)) throw error;
      command.error(`error: ${error.message}`, { exitCode: exitCodeOf(error) });
    }
  });
}

async function get(urls: readonly string[], flags: GetFlags): Promise<number> {
  // Loaded only here: --help needs no engine.
  const [{ planGet }, { runGet }, { exitCode, jsonOf, summaryOf, troublesOf }] = await Promise.all([
    import('./get/plan.ts'),
    import('./get/run.ts'),
    import('./get/outcome.ts'),
  ]);
  const order = planGet(urls, flags);
  using paged = flags.html === undefined ? null : await pageFor(flags.html, flags.trace);
  const outcome = await runGet(paged === null ? order : recordedIn(order, paged.trace));
  for (const line of troublesOf(outcome)) console.error(line);
  if (!flags.quiet) for (const line of summaryOf(outcome, flags)) console.error(line);
  if (flags.json) console.log(JSON.stringify(jsonOf(outcome, flags), null, 2));
  await paged?.write(outcome.verdict);
  return exitCode(outcome, flags);
}

interface PageToCome extends Disposable {
  /** The trace of which it is made. */
  readonly trace: string;
  write(verdict: Verdict): Promise<unknown>;
}

/** The page of the run: from its trace if that is kept, else from one that is not. @throws UsageError */
async function pageFor(file: string, kept: string | undefined): Promise<PageToCome> {
  const { refuseUnwritable, temporaryTrace, writeHtml } = await import('./html.ts');
  refuseUnwritable(file);
  const temporary = kept === undefined ? temporaryTrace() : null;
  const trace = temporary?.path ?? kept!;
  return {
    trace,
    write: (verdict) => writeHtml(file, [{ trace, verdict, name: 'abreast get' }]),
    [Symbol.dispose]: () => temporary?.[Symbol.dispose](),
  };
}

function recordedIn(order: GetOrder, tracePath: string): GetOrder {
  return { ...order, recorded: { ...order.recorded, tracePath } };
}
