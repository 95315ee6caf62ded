import type { Look } from '../canvas/pen.ts';
import { SEGMENT_KINDS } from '../model/segments.ts';

/** The colours of a picture, light and dark: those of the page, which has them in app/theme.css. */
export const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  paper: ['#ffffff', '#15171a'],
  raised: ['#f5f6f7', '#1e2125'],
  ink: ['#17191c', '#e6e8ea'],
  quiet: ['#5c636b', '#9aa3ad'],
  line: ['#d9dde1', '#363b41'],
  accent: ['#0b5cad', '#6cb2f5'],
  blocked: ['#c8500a', '#f0813a'],
  failed: ['#9c1f5c', '#f07ab4'],
  'seg-queued': ['#c3c9cf', '#545c65'],
  'seg-name': ['#b98ab0', '#a06f97'],
  'seg-connect': ['#d9a92b', '#c39a2c'],
  'seg-handshake': ['#8a7426', '#e3d28a'],
  'seg-answer': ['#7db5e0', '#3f7cae'],
  'seg-read': ['#0b7a5c', '#35b58d'],
};

/** Colours as the names of classes of `STYLE`. */
export const LOOK: Look = {
  paper: 'paper',
  raised: 'raised',
  ink: 'ink',
  quiet: 'quiet',
  line: 'line',
  accent: 'accent',
  failed: 'failed',
  segments: SEGMENT_KINDS.map((kind) => (kind === 'blocked' ? kind : `seg-${kind}`)),
  font: '12px system-ui',
};

const rules = (theme: 0 | 1): string =>
  Object.entries(COLOURS)
    .map(
      ([name, colours]) =>
        `.${name}{fill:${colours[theme]}}.line-${name}{stroke:${colours[theme]};fill:none}`,
    )
    .join('');

/** Light, or dark where the reader's system is. */
export const STYLE = `text{font:12px system-ui,-apple-system,'Segoe UI',Roboto,sans-serif}.title{font-size:17px;font-weight:600}${rules(0)}@media (prefers-color-scheme:dark){${rules(1)}}`;
