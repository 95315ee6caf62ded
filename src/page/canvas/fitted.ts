import type { Pen } from './pen.ts';

/** A text as it fits into so many pixels: cut, with an ellipsis, where it is longer; empty where nothing fits. */
export function fitted(pen: Pen, text: string, room: number): string {
  const { width } = pen.measureText(text);
  if (width <= room) return text;
  const letters = Math.floor((room / width) * text.length) - 1;
  return letters > 1 ? `${text.slice(0, letters)}…` : '';
}
