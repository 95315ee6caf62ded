import { collect, noEvidence } from '../diagnose/index.ts';
import { readTrace } from '../trace/index.ts';
import type { Suspect } from './alone.ts';
import { keyOf } from './environment/distributions.ts';
import type { Distribution, Environment } from './environment/environment.ts';
import type { Run } from './run.ts';

/** Distributions that take the places of others as soon as they are imported, or because they are installed. */
const TAKES_PLACES = [
  'pyopenssl',
  'urllib3-future',
  'gevent-openssl',
  'uvloop',
  'gevent',
  'eventlet',
  'truststore',
];

/** What may make a run slow: what replaced something in it, first what its verdict names, then what is known to. */
export async function suspectsOf(run: Run, { distributions }: Environment): Promise<readonly Suspect[]> {
  const causes = JSON.stringify(run.verdict.causes);
  const replacers = [...new Set(await replacersIn(run.trace))].map(keyOf);
  const keys = [...new Set([...replacers, ...TAKES_PLACES])];
  const found = keys.flatMap((key) => distributions.get(key) ?? []);
  const rank = ({ name, key }: Distribution) =>
    (causes.includes(name) ? 0 : 2) + (TAKES_PLACES.indexOf(key) > 3 ? 1 : 0);
  return found.toSorted((one, other) => rank(one) - rank(other)).map((each) => [each]);
}

async function replacersIn(trace: string): Promise<string[]> {
  const evidence = noEvidence();
  for await (const batch of await readTrace(trace)) for (const record of batch) collect(evidence, record);
  return evidence.environment.flatMap(({ patches = [] }) => patches.map(({ by }) => by));
}

/** What the user named: distributions, or modules, whether a distribution has them or not. */
export function namedBy(names: readonly string[], { distributions }: Environment): Suspect {
  return names.map((name) => {
    const byModule = [...distributions.values()].find(({ modules }) => modules.includes(name));
    return distributions.get(keyOf(name)) ?? byModule ?? moduleAlone(name);
  });
}

function moduleAlone(name: string): Distribution {
  return { name, key: name, version: '', modules: [name], requires: [], folder: '', files: [] };
}
