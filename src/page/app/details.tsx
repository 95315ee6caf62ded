import './details.css';
import { duration, threadOf } from '../../diagnose/browser.ts';
import type { Exchange } from '../../trace/browser.ts';
import { BECAUSE_WORDS, exchangeLabel, resultOf } from '../model/labels.ts';
import { SEGMENT_WORDS, type Segment, segmentsAt } from '../model/segments.ts';
import { breakable, Fact, timeOf } from './facts.tsx';
import { WhoHeld } from './held.tsx';
import { course, type LaidOut, laidOut, pick, pickedSegment, replayed } from './laid-out.ts';
import { momentOf } from './picks.ts';
import { selected } from './state.ts';
import { Totals } from './totals.tsx';
import { WaitedFor } from './waited.tsx';

/** What is known of the selected exchange, and of the segment that was picked. */
export function Details() {
  const laid = laidOut.value;
  const at = selected.value;
  if (laid === null) return null;
  if (at === null) return <Totals />;
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
      {replayed.value === null && segment !== null && segment.kind !== 'blocked' && (
        <WaitedFor laid={laid} exchange={at} segment={segment} />
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

/** Segments without those that are too short to tell, and the neighbours of these as one. */
function toldOf(segments: readonly Segment[]): readonly Segment[] {
  const told: Segment[] = [];
  for (const segment of segments) {
    if (segment.toUs - segment.fromUs < LEAST_TOLD_US) continue;
    const last = told.at(-1);
    if (last?.kind === segment.kind) told[told.length - 1] = { ...last, toUs: segment.toUs };
    else told.push(segment);
  }
  return told;
}

/** Its segments, to be picked. */
function Steps({ exchange, picked }: StepsProps) {
  const own = toldOf(segmentsAt(course.value!.segments, exchange));
  return (
    <ol class="steps">
      {own.map((segment) => (
        <li key={segment.fromUs}>
          <button
            type="button"
            aria-pressed={picked !== null && picked.fromUs >= segment.fromUs && picked.fromUs < segment.toUs}
            onClick={() => pick(exchange, momentOf(exchange, segment))}
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
