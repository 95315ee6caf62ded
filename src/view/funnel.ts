import type { Verdict } from '../diagnose/index.ts';
import { shortNumber } from './numbers.ts';
import { paint } from './paint.ts';

const BAR = 50;
const STEPS = ['wanted', 'dispatched', 'connected', 'sent'] as const;

/** The mean number of exchanges at each step that was seen, as bars. */
export function funnelLines(
  { funnel, step, wanted }: Verdict,
  stream: NodeJS.WriteStream = process.stderr,
): readonly string[] {
  const levels = STEPS.map((name) => ({ name, level: funnel[name] })).filter(
    (each): each is { name: (typeof STEPS)[number]; level: number } => each.level !== null,
  );
  const most = Math.max(...levels.map(({ level }) => level));
  if (levels.length < 2 || most === 0) return [];
  const lines = levels.map(({ name, level }) => {
    const line = `${name.padEnd(12)}${bar((level / most) * BAR)} ${shortNumber(level)}`;
    return name === step && wanted !== null ? paint('bad', line, stream) : line;
  });
  return [paint('faint', 'mean number of requests at or beyond each step:', stream), ...lines];
}

/** In eighths of a column, and never nothing for something. */
function bar(columns: number): string {
  const eighths = Math.max(columns > 0 ? 1 : 0, Math.round(columns * 8));
  return '█'.repeat(eighths >> 3) + (EIGHTHS[eighths & 7] ?? '');
}

const EIGHTHS = ['', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
