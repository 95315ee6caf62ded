import { ownHost, type Ports, pathOf, sharedHost } from './arena/place.ts';
import type { Ask, Case } from './case.ts';
import { cutAnswer, floodAnswer, mutatedAnswer, oddAnswer, slowAnswer } from './http1/cases.ts';
import { http2Case } from './http2/cases.ts';
import { codedBody } from './kinds/codings.ts';
import { alpn, certificate, connectFault, keepAlive, proxy, tlsCut } from './kinds/connections.ts';
import { name } from './kinds/names.ts';
import { noRedirect, redirect } from './kinds/redirects.ts';
import type { Place, Plan, PlannedAsk } from './plan.ts';
import { Random } from './random.ts';

/** Makes the plan of a case. `label`: by which its answers are known. */
type Planner = (random: Random, label: string, place: Place) => Plan;

/** What there is, and how often it comes. */
const KINDS: Readonly<Record<string, readonly [weight: number, plan: Planner]>> = {
  'http1 answer': [40, oddAnswer],
  'http1 cut': [10, cutAnswer],
  'http1 flood': [1, floodAnswer],
  'http1 slow': [1, slowAnswer],
  'http1 mutated': [10, mutatedAnswer],
  'http1 keep-alive': [4, keepAlive],
  'content coding': [12, codedBody],
  redirect: [8, redirect],
  'no redirect': [1, noRedirect],
  http2: [25, http2Case],
  'connection fault': [4, connectFault],
  'tls cut': [4, tlsCut],
  'tls alpn': [1, alpn],
  'tls certificate': [2, certificate],
  proxy: [4, proxy],
  name: [4, name],
};

/** The case of this number: the same for the same seed, but for the ports. */
export function makeCase(seed: number, number: number, ports: Ports): Case {
  const random = new Random(seed, number);
  const kind = random.weighted(Object.entries(KINDS).map(([kind, [weight]]) => [weight, kind] as const));
  const plan = KINDS[kind]![1](random, `#${seed}.${number} `, { number, ports });
  const shared = random.below(64);
  return {
    number,
    kind,
    marks: plan.marks,
    scene: plan.scene,
    asks: plan.asks.map((planned, i) => ask(planned, { number, ports }, i, shared)),
  };
}

/** The kinds of cases there are. */
export const kinds: readonly string[] = Object.keys(KINDS);

function ask(planned: PlannedAsk, { number, ports }: Place, index: number, shared: number): Ask {
  const { scheme = 'http', profile = 'patient', truth, peers, headers } = planned;
  const port = ports[planned.port ?? (scheme === 'http' ? 'plain' : 'tls')];
  const path = pathOf(number, index, planned.rest);
  const host =
    planned.host === 'own'
      ? ownHost(number)
      : planned.host === 'shared'
        ? sharedHost(shared)
        : planned.host.name;
  const alone = typeof planned.host === 'string' ? ownHost(number) : host;
  return {
    url: `${scheme}://${host}:${port}${path}`,
    profile,
    truth,
    peers,
    peerUrl: `${scheme}://${alone}:${port}${path}`,
    ...(headers !== undefined && { headers }),
  };
}
