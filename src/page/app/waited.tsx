import { ownFrame, placeOf, type WaitClass } from '../../diagnose/browser.ts';
import { breakable, ExchangeLink, Fact, Stack } from './facts.tsx';
import type { OfSegment } from './held.tsx';

/** So many holders are named. */
const MOST_HOLDERS = 8;

/** What the unit of work of an exchange waited for, where a recorder saw that. */
export function WaitedFor({ laid, exchange, segment }: OfSegment) {
  if (segment.kind === 'answer' || segment.kind === 'read') return null;
  const wait = laid.ownWaitIn(exchange, segment.fromUs, segment.toUs);
  if (wait === null) return null;
  const { kind, resource, heldFor, frames } = wait;
  const made = ownFrame(wait.madeAt);
  return (
    <dl class="waited">
      <Fact term="Waits for">
        <b>{WAIT_WORDS[kind]}</b>
        {resource?.name !== undefined && (
          <>
            {': '}
            <code>{breakable(resource.name)}</code>
          </>
        )}
        {typeof resource?.capacity === 'number' && <>, which has room for {resource.capacity}</>}
        {made !== undefined && <>, made at {placeOf(made)}</>}
      </Fact>
      {heldFor.length > 0 && (
        <Fact term="Held by">
          {heldFor.slice(0, MOST_HOLDERS).map((holder) => (
            <div key={holder}>
              <ExchangeLink laid={laid} exchange={holder} />
            </div>
          ))}
        </Fact>
      )}
      {frames.length > 0 && (
        <Fact term="Stack">
          <Stack frames={frames} />
        </Fact>
      )}
    </dl>
  );
}

const WAIT_WORDS: Readonly<Record<WaitClass, string>> = {
  lock: 'a lock',
  semaphore: 'a permit of a semaphore',
  queue: 'its turn in a queue',
  executor: 'a free worker',
  'connection-pool': 'a connection of a pool',
  rate: 'its turn by a rate limit',
  join: 'other work to end',
  sleep: 'a time to pass',
  cpu: 'nothing: it computes',
  'run-queue': 'a CPU',
  child: 'a child process',
  name: 'a name to be looked up',
  connect: 'a connection to open',
  handshake: 'a TLS handshake',
  read: 'data to read',
  write: 'room to write',
  poll: 'a socket',
  file: 'a file',
  database: 'a database',
  other: 'something that no recorder saw',
  streams: 'a free stream of HTTP/2',
  'own-gate': "a gate of the program's own",
  gate: 'a gate of a package',
  'tls-context': 'a TLS context to be made',
};
