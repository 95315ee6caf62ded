import type { FoldedPicture } from '../canvas/folded-picture.ts';

interface Kept {
  readonly canvas: HTMLCanvasElement;
  readonly image: ImageData;
  /** How many of the lines are on the canvas. */
  lines: number;
}

const canvases = new WeakMap<FoldedPicture, Kept>();

/** Takes over what has been folded since the last time. */
export function takePixels(picture: FoldedPicture): HTMLCanvasElement {
  const kept = canvases.get(picture) ?? emptyOf(picture);
  canvases.set(picture, kept);
  const lines = picture.lines - kept.lines;
  if (lines > 0)
    kept.canvas.getContext('2d')!.putImageData(kept.image, 0, 0, 0, kept.lines, kept.canvas.width, lines);
  kept.lines = picture.lines;
  return kept.canvas;
}

function emptyOf({ time, height, pixels }: FoldedPicture): Kept {
  const canvas = document.createElement('canvas');
  canvas.width = time.width;
  canvas.height = height;
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), canvas.width, height);
  return { canvas, image, lines: 0 };
}

/** Paints what is folded of a picture, so that it is `width` pixels wide. */
export function paintPixels(
  pen: CanvasRenderingContext2D,
  picture: FoldedPicture,
  x: number,
  y: number,
  width: number,
  height: number = picture.height,
): void {
  pen.imageSmoothingEnabled = false;
  pen.drawImage(takePixels(picture), x, y, width, height);
}
