/** 1234567 as '1,234,567'. By hand: Intl costs a tenth of a start-up. */
export function count(number: number): string {
  return Math.round(number)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, ',');
}

/** Milliseconds as a person says them: '0.4 ms', '87 ms', '3.2 s', '12.3 s', '4 min 05 s', '2 h 03 min'. */
export function duration(ms: number): string {
  if (ms < 10) return `${ms.toFixed(1)} ms`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 3600) return `${Math.floor(seconds / 60)} min ${String(seconds % 60).padStart(2, '0')} s`;
  const minutes = Math.round(ms / 60_000);
  return `${Math.floor(minutes / 60)} h ${String(minutes % 60).padStart(2, '0')} min`;
}

/** A mean number of things: '98.2', '3.0', '12,345'. */
export function mean(number: number): string {
  return number < 1000 ? number.toFixed(1) : count(number);
}

/** 0.123 as '12.3%'. */
export function share(part: number): string {
  return `${(part * 100).toFixed(1)}%`;
}
