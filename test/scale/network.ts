import { execFileSync, spawnSync } from 'node:child_process';
import { commandAt } from '../servers/index.ts';

/** Why no network can be cut here, and what would allow it; false where it can. */
export const NO_NETWORK: string | false =
  process.getuid?.() !== 0 || commandAt('ip') === undefined
    ? 'needs root and ip: apt-get install iproute2, then sudo -E npm run scale -- --faults --only network'
    : spawnSync('ip', ['netns', 'list']).status !== 0 && 'ip netns is not allowed here';

/** A network namespace that stands for another machine, with two links to this one: to the queue and to the sites. */
export interface Network {
  /** What runs a command there. */
  readonly under: readonly string[];
  /** This machine's addresses, as seen from there. */
  readonly queueHost: string;
  readonly siteHost: string;
  /** Takes the link to the queue away, as if a cable were pulled; that to the sites stays. */
  cut(): void;
  mend(): void;
  close(): void;
}

/** @param number from 0 to 99: of all networks that are there at the same time, each has another one */
export function startNetwork(number: number): Network {
  const name = `abreast-${process.pid}-${number}`;
  const link = (letter: string) => `ab${letter}${process.pid % 100_000}.${number}`;
  const [queue, site] = [link('q'), link('s')];
  const [queueNet, siteNet] = [`10.213.${number * 2}`, `10.213.${number * 2 + 1}`];
  ip('netns', 'add', name);
  try {
    for (const [outside, inside, net] of [
      [queue, 'queue', queueNet],
      [site, 'sites', siteNet],
    ] as const) {
      ip('link', 'add', outside, 'type', 'veth', 'peer', 'name', inside, 'netns', name);
      ip('addr', 'add', `${net}.1/24`, 'dev', outside);
      ip('link', 'set', outside, 'up');
      ip('-n', name, 'addr', 'add', `${net}.2/24`, 'dev', inside);
      ip('-n', name, 'link', 'set', inside, 'up');
    }
    ip('-n', name, 'link', 'set', 'lo', 'up');
  } catch (error) {
    ip('netns', 'del', name);
    throw error;
  }
  return {
    under: ['ip', 'netns', 'exec', name],
    queueHost: `${queueNet}.1`,
    siteHost: `${siteNet}.1`,
    cut: () => ip('link', 'set', queue, 'down'),
    mend: () => ip('link', 'set', queue, 'up'),
    close: () => ip('netns', 'del', name), // its links go with it
  };
}

function ip(...args: readonly string[]): void {
  execFileSync('ip', args, { stdio: ['ignore', 'ignore', 'pipe'] });
}
