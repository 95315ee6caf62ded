import type { Palette } from '../canvas/coverage.ts';
import type { Look } from '../canvas/pen.ts';
import { SEGMENT_KINDS } from '../model/segments.ts';
import { isDark } from './theme.ts';

let kept: { readonly look: Look; readonly isDark: boolean } | null = null;

/** The colours and the font of the page as it is, for canvases. */
export function lookNow(): Look {
  if (kept?.isDark !== isDark.peek()) kept = { look: readLook(), isDark: isDark.peek() };
  return kept.look;
}

function readLook(): Look {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
  return {
    paper: colour('paper'),
    raised: colour('raised'),
    ink: colour('ink'),
    quiet: colour('quiet'),
    line: colour('line'),
    accent: colour('accent'),
    failed: colour('failed'),
    segments: SEGMENT_KINDS.map((kind) => colour(kind === 'blocked' ? kind : `seg-${kind}`)),
    font: `12px ${getComputedStyle(document.body).fontFamily}`,
  };
}

/** The colours of segments as numbers, for pictures that are made of pixels. */
export function paletteOf({ segments }: Look): Palette {
  return segments.map((colour) => {
    const [red = 0, green = 0, blue = 0] = (colour.match(/[\d.]+/g) ?? []).map(Number);
    return [red, green, blue] as const;
  });
}
