import type { FoldedPicture } from '../canvas/folded-picture.ts';

const canvases = new WeakMap<FoldedPicture, { readonly canvas: HTMLCanvasElement; isWhole: boolean }>();

/** Paints what is folded of a picture, so that it is `width` pixels wide. */
export function paintPixels(
  pen: CanvasRenderingContext2D,
  picture: FoldedPicture,
  x: number,
  y: number,
  width: number,
  height: number = picture.height,
): void {
  const kept = canvases.get(picture) ?? { canvas: document.createElement('canvas'), isWhole: false };
  const { canvas } = kept;
  canvases.set(picture, kept);
  if (!kept.isWhole) {
    canvas.width = picture.time.width;
    canvas.height = picture.height;
    const bytes = new Uint8ClampedArray(picture.pixels.buffer);
    canvas.getContext('2d')!.putImageData(new ImageData(bytes, canvas.width, canvas.height), 0, 0);
    kept.isWhole = picture.isDone;
  }
  pen.imageSmoothingEnabled = false;
  pen.drawImage(canvas, x, y, width, height);
}
