import type { BodyMemory } from '../src/fetch/bodies/body.ts';
import type { Attempt, Connect } from '../src/fetch/connector.ts';
import { Proxies } from '../src/fetch/open/proxy.ts';
import type { Settings } from '../src/fetch/settings.ts';
import type { Network } from '../src/fetch/world.ts';
import type { SimulatedClock } from './clock.ts';
import { failure, SimulatedConnection } from './connection.ts';
import type { Random } from './random.ts';
import { Temper } from './temper.ts';

/** Servers that do what they like, reached in simulated time. `touched` is called whenever something was tried. */
export function simulatedNetwork(
  clock: SimulatedClock,
  random: Random,
  origins: readonly string[],
  touched: () => void,
): (settings: Settings, memory: BodyMemory) => Network {
  return ({ connectTimeoutMs }, memory) => {
    const tempers = new Map<string, Temper>();
    const connect: Connect = (origin, nextId, events, onOpen, onFail) => {
      const key = origin.target.origin;
      const temper = tempers.get(key) ?? new Temper(random, origins);
      tempers.set(key, temper);
      const startedAt = clock.now();
      const outcome = temper.connect(random, origin.pool.offersH2 === true);
      let isOver = false;
      const end = (then: () => void) => {
        if (isOver) return;
        isOver = true;
        then();
      };
      const settle = () => {
        if (outcome === null) return;
        if ('code' in outcome) onFail(failure(outcome.code, 'simulated'));
        else {
          const around = { clock, random, temper, memory, events, touched };
          const connection = new SimulatedConnection(nextId(), outcome.isHttp2, origin.pool.streams, around);
          onOpen({
            connection,
            protocol: outcome.isHttp2 ? 'h2' : 'http/1.1',
            local: '127.0.0.1:1',
            remote: '127.0.0.1:2',
            dnsFrom: Number.NaN,
            dnsTo: Number.NaN,
            connectingAt: startedAt,
            connectedAt: clock.now(),
            tlsStartAt: Number.NaN,
            tlsDoneAt: Number.NaN,
          });
        }
      };
      const attempt: Attempt = {
        start() {
          touched();
          if (outcome === null) return;
          if (outcome.afterMs === 0) end(settle);
          else clock.after(outcome.afterMs, () => end(settle));
        },
        expire(now) {
          if (now - startedAt >= connectTimeoutMs) end(() => onFail(failure('timeout-connect', 'simulated')));
        },
        cancel() {
          isOver = true;
        },
      };
      return attempt;
    };
    return { connect, proxies: new Proxies(''), close() {} };
  };
}
