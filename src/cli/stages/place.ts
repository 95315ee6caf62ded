import { DockerPlace, LocalPlace, type StagesPlace, stagesCache } from '../../stages/index.ts';
import { onInterrupts } from '../interrupts.ts';
import type { StagesFlags } from './options.ts';
import type { Plan } from './plan.ts';
import { StagesProgress } from './progress.ts';

const INTERRUPTED = 130;

/** Opens the place where cells run, and closes it whatever comes: an end, an error, Ctrl-C. */
export async function withPlace(
  { told }: Pick<Plan, 'told'>,
  flags: Pick<StagesFlags, 'docker' | 'offline' | 'url' | 'jobs'>,
  abreast: readonly string[],
  work: (place: StagesPlace, progress: StagesProgress, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const options = {
    told,
    cache: stagesCache(),
    offline: flags.offline ?? false,
    url: flags.url ?? null,
    room: flags.jobs ?? null,
  };
  const place = flags.docker ? new DockerPlace(options) : new LocalPlace({ ...options, abreast });
  const progress = new StagesProgress();
  const stop = new AbortController();
  // `| head` has seen enough.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') stop.abort();
  });
  const heard = onInterrupts({
    underWay: () => 0,
    stop: () => stop.abort(),
    abort: () => process.exit(INTERRUPTED),
  });
  try {
    await work(place, progress, stop.signal);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    progress.over();
    console.error('Stopped: nothing was left running.');
    process.exitCode = INTERRUPTED;
  } finally {
    progress.over();
    await place.close();
    heard();
  }
}
