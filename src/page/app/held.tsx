import { calledOf, duration, ownFrame, placeOf, shortPlace } from '../../diagnose/browser.ts';
import type { Patch } from '../../trace/browser.ts';
import { type Holder, holderAt } from '../model/holder.ts';
import type { Segment } from '../model/segments.ts';
import { breakable, ExchangeLink, Fact, Stack, timeOf } from './facts.tsx';
import { type LaidOut, pick, pickedUs } from './laid-out.ts';

/** A segment of an exchange of a run. */
export interface OfSegment {
  readonly laid: LaidOut;
  readonly exchange: number;
  readonly segment: Segment;
}

/** What the thread did while this exchange could not go on. */
export function WhoHeld({ laid, exchange, segment }: OfSegment) {
  const holders = laid.holdersIn(exchange, segment.fromUs, segment.toUs);
  const moment = pickedUs.value ?? segment.fromUs;
  const holder = holderAt(holders, moment);
  const { thread } = laid.recording.exchange[exchange]!;
  const which = thread === undefined ? 'Its thread' : `Thread ${thread}`;
  if (holder === null)
    return (
      <section class="held">
        <h3>Blocked for {duration(segment.toUs - segment.fromUs)}</h3>
        <p>No recorder saw what {which.toLowerCase()} did then.</p>
      </section>
    );
  const own = ownFrame(holder.frames);
  return (
    <section class="held">
      <h3>
        {which} was held, so this could not be sent for {duration(segment.toUs - segment.fromUs)}
      </h3>
      <dl>
        <Fact term="Held by">
          {callOf(holder)}
          {holder.exchange !== null && (
            <>
              {' '}
              for <ExchangeLink laid={laid} exchange={holder.exchange} />
            </>
          )}
          , {timeOf(holder.fromUs)} to {timeOf(holder.toUs)}
        </Fact>
        {holder.socketClass !== null && (
          <Fact term="Socket">
            <code id="socket-class">{breakable(holder.socketClass)}</code>
          </Fact>
        )}
        {holder.owner !== null && (
          <Fact term={holder.owner.patch === undefined ? 'It comes from' : 'Put there by'}>
            <b>
              {[holder.owner.module, holder.owner.version].filter((part) => part !== undefined).join(' ')}
            </b>
            {holder.owner.patch?.at !== undefined && <> at {shortPlace(holder.owner.patch.at)}</>}
            {typeof holder.owner.patch?.replacement === 'string' && (
              <>
                , in the place of <code>{breakable(holder.owner.patch.target)}</code>
              </>
            )}
          </Fact>
        )}
        {holder.left !== null && <Fact term="Not patched">{leftText(holder.left)}</Fact>}
        {own !== undefined && (
          <Fact term="Called at">
            <code>{breakable(calledOf(own))}</code> {placeOf(own)}
          </Fact>
        )}
        {holder.frames.length > 0 && (
          <Fact term="Stack">
            <Stack frames={holder.frames} />
          </Fact>
        )}
      </dl>
      {holders.length > 1 && (
        <OtherHolders laid={laid} exchange={exchange} holders={holders} shown={holder} />
      )}
    </section>
  );
}

/** 'poll() on one socket', 'computing' */
function callOf({ wait: { kind, call, connections = [], descriptors } }: Holder): string {
  if (kind === 'cpu') return 'computing';
  if (kind === 'sleep') return 'sleeping';
  if (kind === 'child') return 'waiting for a child process';
  if (call === 'loop') return 'an event loop that did not turn';
  if (kind === 'name') return `${call}(): a name lookup`;
  return `${call}()${connections.length === 1 || descriptors === 1 ? ' on one socket' : ''}`;
}

/** 'select.select, select.poll: gevent 1.4.0 left them as they were (grequests.py:15)' */
function leftText({ by, version, left = [], at }: Patch): string {
  const who = version === undefined ? by : `${by} ${version}`;
  return `${left.join(', ')}: ${who} left ${left.length === 1 ? 'it as it was' : 'them as they were'}${at === undefined ? '' : ` (${shortPlace(at)})`}`;
}

const HOLDERS = 12;

interface OtherHoldersProps extends Pick<OfSegment, 'laid' | 'exchange'> {
  readonly holders: readonly Holder[];
  readonly shown: Holder;
}

/** All that held the thread in this time, the longest first. */
function OtherHolders({ laid, exchange, holders, shown }: OtherHoldersProps) {
  const longest = holders.toSorted((a, b) => b.toUs - b.fromUs - (a.toUs - a.fromUs)).slice(0, HOLDERS);
  return (
    <details>
      <summary>The thread was held {holders.length} times then</summary>
      <ol class="steps">
        {longest.map((holder) => (
          <li key={holder.fromUs}>
            <button
              type="button"
              aria-pressed={holder === shown}
              onClick={() => pick(exchange, (holder.fromUs + holder.toUs) / 2)}
            >
              <span>
                {callOf(holder)}
                {holder.exchange === null
                  ? ''
                  : ` for exchange ${laid.recording.exchange[holder.exchange]!.id}`}
              </span>
              <span class="number">{timeOf(holder.fromUs)}</span>
              <span class="number">{duration(holder.toUs - holder.fromUs)}</span>
            </button>
          </li>
        ))}
      </ol>
    </details>
  );
}
