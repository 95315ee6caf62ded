import type { FoldedPicture } from '../canvas/folded-picture.ts';

interface Kept {
  of: FoldedPicture;
  readonly canvas: HTMLCanvasElement;
  readonly image: ImageData;
  /** How many of the lines are on the canvas. */
  lines: number;
}

/** By the pixels of pictures: what uses these again uses their canvas again. */
const canvases = new WeakMap<Uint32Array, Kept>();

/** Takes over what has been folded since the last time. */
export function takePixels(picture: FoldedPicture): HTMLCanvasElement {
  const kept = keptOf(picture);
  const lines = picture.lines - kept.lines;
  if (lines > 0)
    kept.canvas.getContext('2d')!.putImageData(kept.image, 0, 0, 0, kept.lines, kept.canvas.width, lines);
  kept.lines = picture.lines;
  return kept.canvas;
}

function keptOf(picture: FoldedPicture): Kept {
  const found = canvases.get(picture.pixels);
  const isFit = found?.canvas.width === picture.time.width && found.canvas.height === picture.height;
  const kept = isFit ? found : emptyOf(picture);
  if (kept.of !== picture) Object.assign(kept, { of: picture, lines: 0 });
  canvases.set(picture.pixels, kept);
  return kept;
}

function emptyOf(picture: FoldedPicture): Kept {
  const { time, height, pixels } = picture;
  const canvas = document.createElement('canvas');
  canvas.width = time.width;
  canvas.height = height;
  const image = new ImageData(new Uint8ClampedArray(pixels.buffer), canvas.width, height);
  return { of: picture, canvas, image, lines: 0 };
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
