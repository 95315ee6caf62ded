import type { ComponentChildren } from 'preact';
import { calledOf, placeOf } from '../../diagnose/browser.ts';
import type { Frame } from '../../trace/browser.ts';
import { momentText } from '../canvas/ticks.ts';
import { exchangeLabel } from '../model/labels.ts';
import { clock, type LaidOut, pick } from './laid-out.ts';

/** A line of what is known. */
export function Fact({ term, children }: { readonly term: string; readonly children: ComponentChildren }) {
  return (
    <div class="fact">
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A moment, as the time axis says it. */
export function timeOf(us: number): string {
  return momentText(us, clock.value, 1_000);
}

/** Another exchange: a click selects it. */
export function ExchangeLink({ laid, exchange }: { readonly laid: LaidOut; readonly exchange: number }) {
  const other = laid.recording.exchange[exchange]!;
  return (
    <button type="button" class="link" onClick={() => pick(exchange, laid.times.sent[exchange]!)}>
      {exchangeLabel(other, false)} (exchange {other.id})
    </button>
  );
}

/** A dotted name that is broken after its dots where a line is too short. */
export function breakable(name: string): ComponentChildren {
  return name.split('.').flatMap((part, at) => (at === 0 ? [part] : ['.', <wbr key={at} />, part]));
}

const FRAMES = 6;

/** Where code was, leaf first. */
export function Stack({ frames }: { readonly frames: readonly Frame[] }) {
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
