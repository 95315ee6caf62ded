import { existsSync, readFileSync } from 'node:fs';
import { isAbsolute, join } from 'node:path';
import { collect, noEvidence } from '../diagnose/index.ts';
import { readTrace } from '../trace/index.ts';
import type { Suspect } from './alone.ts';
import { keyOf } from './environment/distributions.ts';
import type { Distribution, Environment } from './environment/environment.ts';
import type { Run } from './run.ts';

/** Distributions that take the places of others as soon as they are loaded, or because they are installed. */
const TAKES_PLACES: Readonly<Record<Environment['language'], readonly string[]>> = {
  python: ['pyopenssl', 'urllib3-future', 'gevent-openssl', 'uvloop', 'gevent', 'eventlet', 'truststore'],
  node: [
    'global-agent',
    'global-tunnel-ng',
    'cacheable-lookup',
    '@opentelemetry/instrumentation-http',
    '@opentelemetry/instrumentation-undici',
    'dd-trace',
    'elastic-apm-node',
    'newrelic',
    '@mswjs/interceptors',
    'nock',
    'undici',
  ],
};
/** Of Python, those after the first ones that programs rather ask for themselves. */
const SURE = 4;

/** What may make a run slow: who set a limit that its verdict names, what replaced something in it or is known to, and what runs at the start of Python. */
export async function suspectsOf(run: Run, environment: Environment): Promise<readonly Suspect[]> {
  const { distributions, language } = environment;
  const setters = settersIn(run, [...distributions.values()]);
  const causes = JSON.stringify(run.verdict.causes);
  const known = TAKES_PLACES[language];
  const replacers = (await replacersIn(run.trace)).map(keyOf);
  const others = [...replacers, ...known].flatMap((key) => distributions.get(key) ?? []);
  const rank = ({ name, key }: Distribution) =>
    (causes.includes(name) ? 0 : 2) + (known.indexOf(key) >= SURE ? 1 : 0);
  const starters = [...distributions.values()].filter(runsAtStart);
  const all = [...setters, ...others.toSorted((one, other) => rank(one) - rank(other)), ...starters];
  return [...new Set(all)].map((each) => [each]);
}

/** Whether it does something at the start of each Python, as a tracer that is merely installed does. */
function runsAtStart({ key, folder, files, modules }: Distribution): boolean {
  if (key === 'setuptools') return false; // gives distutils to those who ask for it
  if (modules.some((each) => /^(site|user)customize$/.test(each))) return true;
  const hooks = files.filter((file) => /^(?!__editable__)[^/]+(?<!-nspkg)\.pth$/.test(file));
  return hooks.some((file) => /^import\s/m.test(textIn(join(folder, file))));
}

function textIn(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : '';
}

async function replacersIn(trace: string): Promise<string[]> {
  const evidence = noEvidence();
  for await (const batch of await readTrace(trace)) for (const record of batch) collect(evidence, record);
  return evidence.environment.flatMap(({ patches = [] }) => patches.map(({ by }) => by));
}

/** Whose lines set the limits that a verdict names. */
function settersIn({ verdict }: Run, distributions: readonly Distribution[]): Distribution[] {
  return verdict.causes
    .flatMap(({ evidence }) => evidence)
    .flatMap((each) => (each.kind === 'limit' ? (each.limit.setAt ?? []) : []))
    .flatMap((place) => ownerOf(place.replace(/:\d+$/, ''), distributions) ?? []);
}

/** The distribution that a file belongs to: of several around it, the innermost. */
function ownerOf(file: string, distributions: readonly Distribution[]): Distribution | undefined {
  if (!isAbsolute(file)) return undefined;
  const around = distributions.flatMap((each) =>
    each.files.map((own) => ({ each, at: join(each.folder, own) })).filter(({ at }) => isWithin(file, at)),
  );
  return around.sort((one, other) => other.at.length - one.at.length)[0]?.each;
}

function isWithin(file: string, at: string): boolean {
  return file === at || file.startsWith(`${at}/`);
}

/** What the user named: distributions, with all copies of them, or modules, whether a distribution has them or not. */
export function namedBy(names: readonly string[], { distributions }: Environment): Suspect {
  return names.flatMap((name) => {
    const all = [...distributions.values()];
    const found = all.filter(
      ({ key, modules }) => key === keyOf(name) || key === name || modules.includes(name),
    );
    return found.length > 0 ? found : [moduleAlone(name)];
  });
}

function moduleAlone(name: string): Distribution {
  return { name, key: name, version: '', modules: [name], requires: [], folder: '', files: [] };
}
