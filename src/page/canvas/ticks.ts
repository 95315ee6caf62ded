import type { TimeScale } from './time-scale.ts';

/** A mark on the time axis. */
export interface Tick {
  readonly x: number;
  readonly us: number;
  readonly text: string;
}

/** How moments are written: since the start, or as the time of day (in UTC) of a run that began then. */
export type Clock =
  | { readonly of: 'start'; readonly zeroUs: number }
  | { readonly of: 'day'; readonly startedUs: number };

const STEPS_US = [1, 2, 5].flatMap((digit) => Array.from({ length: 9 }, (_, power) => digit * 10 ** power));
const MINUTE_US = 60_000_000;
const LONG_STEPS_US = [1, 2, 5, 10, 30, 60, 120, 360, 720, 1440].map((minutes) => minutes * MINUTE_US);
const ALL_STEPS_US = [...STEPS_US.filter((us) => us <= 20_000_000), 30_000_000, ...LONG_STEPS_US].sort(
  (a, b) => a - b,
);

/** Marks at round times, at least `apart` pixels from each other. */
export function ticksOf(scale: TimeScale, clock: Clock, apart: number): readonly Tick[] {
  const { fromUs, toUs } = scale.range;
  const zero = clock.of === 'start' ? clock.zeroUs : -clock.startedUs % (1_440 * MINUTE_US);
  const most = Math.max(1, Math.floor(scale.width / apart));
  const step = ALL_STEPS_US.find((us) => (toUs - fromUs) / us <= most) ?? ALL_STEPS_US.at(-1)!;
  const ticks: Tick[] = [];
  let lastX = -Infinity;
  for (
    let us = zero + Math.ceil((fromUs - zero) / step) * step;
    us <= toUs && ticks.length < 1_000;
    us += step
  ) {
    const x = scale.x(us);
    if (x - lastX < apart) continue; // within a folded gap
    ticks.push({ x, us, text: momentText(us, clock, step) });
    lastX = x;
  }
  return ticks;
}

/** A moment in as many digits as a step of `stepUs` needs: '1.25 s', '2:03.5', '14:02:07.250'. */
export function momentText(us: number, clock: Clock, stepUs: number): string {
  const digits = Math.max(0, Math.min(6, Math.ceil(-Math.log10(stepUs / 1_000_000) - 1e-9)));
  if (clock.of === 'day') {
    const text = new Date((clock.startedUs + us) / 1_000).toISOString().slice(11, 19);
    return digits === 0 ? text : `${text}.${fractionOf(clock.startedUs + us, digits)}`;
  }
  const sinceUs = us - clock.zeroUs;
  if (Math.abs(sinceUs) >= MINUTE_US && stepUs >= 1_000) {
    const seconds = Math.abs(sinceUs) / 1_000_000;
    const minutes = Math.floor(seconds / 60);
    const rest = (seconds - 60 * minutes).toFixed(digits).padStart(digits === 0 ? 2 : digits + 3, '0');
    return `${sinceUs < 0 ? '-' : ''}${minutes}:${rest}`;
  }
  if (stepUs >= 1_000_000) return `${Math.round(sinceUs / 1_000_000)} s`;
  if (stepUs >= 1_000)
    return Math.abs(sinceUs) < 1_000_000 && stepUs < 100_000
      ? `${Math.round(sinceUs / 1_000)} ms`
      : `${(sinceUs / 1_000_000).toFixed(digits)} s`;
  return `${(sinceUs / 1_000).toFixed(Math.max(0, digits - 3))} ms`;
}

function fractionOf(us: number, digits: number): string {
  const fraction = ((us % 1_000_000) + 1_000_000) % 1_000_000;
  return Math.floor(fraction).toString().padStart(6, '0').slice(0, digits);
}
