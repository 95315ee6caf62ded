/** A scratch main loop, first version. */
import { parseArgs } from 'node:util';
import { NAMED } from './arena/certificates.ts';
import { Arena } from './arena/arena.ts';
import type { Case, Profile } from './case.ts';
import { makeCase } from './cases.ts';
import type { RunOrder } from './clients/abreast.ts';
import { Tortured } from './clients/tortured.ts';
import { faultOf } from './judge.ts';
import { buildPackage } from './package.ts';
import { optionsOf } from './profiles.ts';

const { values } = parseArgs({ options: { seed: { type: 'string', default: '1' }, count: { type: 'string', default: '1000' }, from: { type: 'string', default: '0' }, case: { type: 'string' }, kind: { type: 'string' } } });
const seed = Number(values.seed);
const pack = buildPackage();
const arena = await Arena.start({ transcript: values.case !== undefined });
const tortured = new Tortured(pack.door, 600);
const started = Date.now();

function orders(cases: readonly Case[]): RunOrder[] {
  const runs = new Map<Profile, RunOrder['inputs'][number][]>();
  for (const { number, asks } of cases)
    asks.forEach((ask, i) => {
      const list = runs.get(ask.profile) ?? [];
      list.push({ url: ask.url, data: `${number}/${i}`, ...(ask.headers && { headers: ask.headers }) });
      runs.set(ask.profile, list);
    });
  return [...runs].map(([profile, inputs]) => ({ options: optionsOf(profile, { ca: arena.certificates.trusted, resolve: Object.fromEntries(Object.values(NAMED).map((name) => [`${name}:${arena.ports.tls}`, ['127.1.0.1']])), proxy: `http://127.0.0.1:${arena.ports.proxy}` }), inputs }));
}

async function round(numbers: number[], show = false) {
  const cases = numbers.map((n) => makeCase(seed, n, arena.ports, values.kind));
  arena.stage(cases);
  const account = await tortured.run(orders(cases), 60_000);
  if (account.crash) console.log('CRASH', account.crash);
  if (account.hung) console.log('HUNG', numbers[0], numbers.at(-1));
  if (account.open.length) console.log('OPEN', account.open);
  for (const c of cases)
    c.asks.forEach((ask, i) => {
      const got = account.outcomes.get(`${c.number}/${i}`) ?? [];
      const fault = faultOf(ask, got);
      if (fault) console.log(`${c.number}/${i} ${c.kind} [${c.marks}] ${fault.kind}: ${fault.text}`);
      if (show) console.log(ask, got);
    });
  return account;
}
if (values.case !== undefined) {
  await round([Number(values.case)], true);
  console.log(arena.transcript!.join('\n'));
} else {
  const count = Number(values.count);
  for (let at = Number(values.from); at < count; at += 400) {
    const numbers = Array.from({ length: Math.min(400, count - at) }, (_, i) => at + i);
    const a = await round(numbers);
    console.log(at, Date.now() - started, 'ms', a.peakMb | 0, 'MB open at server', arena.open);
  }
}
console.log('left', await tortured.leave(3000));
arena.close();
pack.remove();
