/** Pixels at the left of every picture on the time line, where rows and curves have their names. */
export function gutterOf(width: number): number {
  if (width < 480) return 88;
  return Math.round(Math.min(320, width * 0.22));
}
