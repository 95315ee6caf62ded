/** 1234567 as '1,234,567'. By hand: Intl costs a tenth of a start-up. */
export function count(number: number): string {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Microseconds as milliseconds, to a hundredth. */
export function shortMs(us: number): number {
  return Math.round(us / 10) / 100;
}

/** A number that need not be whole, as a mean: '98.2', '3.0', '12,345'. */
export function shortNumber(number: number): string {
  return number < 1000 ? number.toFixed(1) : count(number);
}

/** Microseconds as a person says them: '0.4 ms', '87 ms', '0.27 s', '4.4 s', '12.3 s', '4 min 05 s', '2 h 03 min'. */
export function duration(us: number): string {
  const ms = us / 1e3;
  if (ms < 9.95) return `${ms.toFixed(1)} ms`;
  if (ms < 99.5) return `${Math.round(ms)} ms`;
  if (ms < 995) return `${Number((ms / 1000).toFixed(2))} s`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}
