import './details.css';
import type { ComponentChildren } from 'preact';
import { calledOf, duration, placeOf, threadOf } from '../../diagnose/browser.ts';
import type { Exchange, Frame, Patch } from '../../trace/browser.ts';
import { momentText } from '../canvas/ticks.ts';
import { type Holder, holderAt } from '../model/holder.ts';
import { BECAUSE_WORDS, exchangeLabel, resultOf } from '../model/labels.ts';
import { SEGMENT_WORDS, type Segment, segmentsAt } from '../model/segments.ts';
import { clock, course, type LaidOut, laidOut, pick, pickedSegment, pickedUs, replayed } from './laid-out.ts';
import { selected } from './state.ts';

/** What is known of the selected exchange, and of the segment that was picked. */
export function Details() {
  const laid = laidOut.value;
  const at = selected.value;
  if (laid === null || at === null) return null;
  const exchange = laid.recording.exchange[at]!;
  const segment = pickedSegment.value;
  return (
    <aside class="details" aria-label="Selected exchange">
      <h2 class="url">{exchangeLabel(exchange, true)}</h2>
      <p class="quiet">{summaryOf(exchange)}</p>
      {replayed.value !== null && <p>As it would have been:</p>}
      {replayed.value === null && segment?.kind === 'blocked' && (
        <WhoHeld laid={laid} exchange={at} segment={segment} />
      )}
      <Steps exchange={at} picked={segment} />
      <AboutConnection laid={laid} exchange={exchange} />
    </aside>
  );
}

function summaryOf(exchange: Exchange): string {
  const { id, because = 'first', attempt, bytesDown, unit } = exchange;
  return [
    resultOf(exchange),
    because === 'first'
      ? ''
      : `${BECAUSE_WORDS[because]}${attempt === undefined ? '' : `, attempt ${attempt}`}`,
    bytesDown === undefined ? '' : `${bytesDown} bytes`,
    unit === undefined ? '' : `unit ${unit}`,
    `exchange ${id}`,
  ]
    .filter((part) => part !== '')
    .join(' · ');
}

interface StepsProps {
  readonly exchange: number;
  readonly picked: Segment | null;
}

/** Less is told as 0.0 ms. */
const LEAST_TOLD_US = 50;

/** Its segments, to be picked. */
function Steps({ exchange, picked }: StepsProps) {
  const own = segmentsAt(course.value!.segments, exchange).filter(
    ({ fromUs, toUs }) => toUs - fromUs >= LEAST_TOLD_US,
  );
  return (
    <ol class="steps">
      {own.map((segment) => (
        <li key={segment.fromUs}>
          <button
            type="button"
            aria-pressed={segment.fromUs === picked?.fromUs}
            onClick={() => pick(exchange, (segment.fromUs + segment.toUs) / 2)}
          >
            <span class={`swatch ${segment.kind}`} />
            <span>{SEGMENT_WORDS[segment.kind]}</span>
            <span class="number">{timeOf(segment.fromUs)}</span>
            <span class="number">{duration(segment.toUs - segment.fromUs)}</span>
          </button>
        </li>
      ))}
    </ol>
  );
}

function timeOf(us: number): string {
  return momentText(us, clock.value, 1_000);
}

interface WhoHeldProps {
  readonly laid: LaidOut;
  readonly exchange: number;
  readonly segment: Segment;
}

/** What the thread did while this exchange could not go on. */
function WhoHeld({ laid, exchange, segment }: WhoHeldProps) {
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
  return (
    <section class="held">
      <h3>
        {which} was held, so this could not be sent for {duration(segment.toUs - segment.fromUs)}
      </h3>
      <dl>
        <Fact term="Held by">
          {callOf(holder)}{' '}
          {holder.exchange !== null && <ExchangeLink laid={laid} exchange={holder.exchange} />},{' '}
          {timeOf(holder.fromUs)} to {timeOf(holder.toUs)}
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
            {holder.owner.patch?.at !== undefined && <> at {shortAt(holder.owner.patch.at)}</>}
            {typeof holder.owner.patch?.replacement === 'string' && (
              <>
                , in the place of <code>{breakable(holder.owner.patch.target)}</code>
              </>
            )}
          </Fact>
        )}
        {holder.left !== null && <Fact term="Not patched">{leftText(holder.left)}</Fact>}
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

function callOf({ wait }: Holder): string {
  if (wait.kind === 'cpu') return 'computing';
  const { connections = [], descriptors } = wait;
  const what = connections.length === 1 || descriptors === 1 ? ' on one socket' : '';
  return `${wait.call}()${what}`;
}

function ExchangeLink({ laid, exchange }: { readonly laid: LaidOut; readonly exchange: number }) {
  const other = laid.recording.exchange[exchange]!;
  return (
    <>
      for{' '}
      <button type="button" class="link" onClick={() => pick(exchange, laid.times.sent[exchange]!)}>
        {exchangeLabel(other, false)} (exchange {other.id})
      </button>
    </>
  );
}

/** 'select.select, select.poll: gevent 1.4.0 left them as they were (grequests.py:15)' */
function leftText({ by, version, left = [], at }: Patch): string {
  const who = version === undefined ? by : `${by} ${version}`;
  return `${left.join(', ')}: ${who} left ${left.length === 1 ? 'it as it was' : 'them as they were'}${at === undefined ? '' : ` (${shortAt(at)})`}`;
}

/** A dotted name that is broken after its dots where a line is too short. */
function breakable(name: string): ComponentChildren {
  return name.split('.').flatMap((part, at) => (at === 0 ? [part] : ['.', <wbr key={at} />, part]));
}

/** 'requests/__init__.py:96' of a whole path. */
function shortAt(at: string): string {
  const found = /^(.*):(\d+)$/.exec(at);
  return found === null ? at : placeOf({ file: found[1]!, line: Number(found[2]) });
}

const FRAMES = 6;

function Stack({ frames }: { readonly frames: readonly Frame[] }) {
  const line = (frame: Frame, index: number) => (
    <li key={index}>
      <code>{breakable(calledOf(frame))}</code> <span class="quiet">{placeOf(frame)}</span>
    </li>
  );
  return (
    <>
      <ol class="stack">{frames.slice(0, FRAMES).map(line)}</ol>
      {frames.length > FRAMES && (
        <details>
          <summary>{frames.length - FRAMES} more frames</summary>
          <ol class="stack">{frames.slice(FRAMES).map(line)}</ol>
        </details>
      )}
    </>
  );
}

const HOLDERS = 12;

interface OtherHoldersProps extends Pick<WhoHeldProps, 'laid' | 'exchange'> {
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

function AboutConnection({ laid, exchange }: { readonly laid: LaidOut; readonly exchange: Exchange }) {
  const connection = laid.recording.connection.find(({ id }) => id === exchange.connection);
  if (connection === undefined) return null;
  const { id, protocol, remote, tlsVersion, socketClass } = connection;
  const thread = exchange.thread === undefined ? '' : `, thread ${threadOf(exchange)}`;
  return (
    <dl>
      <Fact term="Connection">
        {[`${id}`, protocol, remote, tlsVersion == null ? undefined : `TLS ${tlsVersion}`]
          .filter((part) => part !== undefined)
          .join(', ')}
        {thread}
      </Fact>
      {socketClass !== undefined && (
        <Fact term="Its socket">
          <code>{breakable(socketClass)}</code>
        </Fact>
      )}
    </dl>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
