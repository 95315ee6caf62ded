import type { Cause } from '../scene/cause.ts';
import type { CauseId } from '../scene/ids.ts';
import { nameOf, processesOf } from '../scene/processes.ts';
import type { Scene } from '../scene/scene.ts';
import { childrenWaitedFor } from './loop-waits-for-child.ts';
import { oneProcessAtATime } from './one-process-at-a-time.ts';

interface Telling {
  readonly id: CauseId;
  /** The argument that tells it to do otherwise. */
  readonly when: RegExp;
  readonly how: string;
  readonly reference: string | null;
}

/** Programs that get one URL after another unless they are told otherwise: how they are told. */
const TELL: ReadonlyMap<string | undefined, Telling> = new Map(
  Object.entries<Telling>({
    curl: {
      id: 'curl-one-by-one',
      when: /^(?:--parallel|-[a-zA-Z]*Z[a-zA-Z]*)$/,
      how: 'Give curl --parallel (-Z), and --parallel-max if more than 50 are wanted at once.',
      reference: 'curl/curl#3804',
    },
    wget: {
      id: 'wget-one-by-one',
      when: /^$/,
      how: 'wget gets one URL at a time; xargs -P N wget, or curl --parallel, get several.',
      reference: null,
    },
  }),
);

/** From outside alone, one program that makes its requests one after another: what was seen, and what would tell more. */
export function oneByOne(scene: Scene): Cause | undefined {
  const { judgement, exchanges } = scene;
  if (judgement.overlap !== 'serial' || judgement.wanted !== null) return undefined;
  if (oneProcessAtATime(scene) !== undefined || childrenWaitedFor(scene) !== undefined) return undefined;
  const connections = new Set(exchanges.map(({ exchange }) => exchange.connection)).size;
  const over = connections === 1 ? 'on one connection' : `on ${connections} connections, one after the other`;
  const program = processesOf(scene).get(exchanges[0]?.exchange.pid ?? -1);
  const name = nameOf(program);
  const tell = TELL.get(name);
  const isTold = tell !== undefined && (program?.argv ?? []).some((word) => tell.when.test(word));
  const known = tell !== undefined && !isTold;
  return {
    id: known ? tell.id : 'one-by-one',
    confidence: known ? 'certain' : 'likely',
    text: known
      ? `${name} made its ${exchanges.length} requests one after another, ${over}, as it does unless it is told otherwise.`
      : `${exchanges.length} requests, one after another, ${over}; nothing else was waiting. Whether more were wanted at once, and what they waited for, can't be seen from outside.`,
    share: scene.lostShare,
    evidence: exchanges
      .slice(0, 3)
      .map(
        ({ exchange }) =>
          `exchange ${exchange.id} on connection ${exchange.connection}: sent after the one before was read`,
      ),
    remedy: known
      ? tell.how
      : 'A loop, one worker, a limit of 1 or a lock would all look like this: a stack of the waiting program tells (SIGQUIT for Go and Java).',
    reference: known ? tell.reference : null,
  };
}
