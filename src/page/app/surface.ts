import { effect, signal } from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

/** How a canvas is painted: `read` takes what is to be seen from signals, `paint` paints that. */
export interface Painter<Picture> {
  readonly read: (width: number, height: number) => Picture | null;
  /** True: there is more to be done, in the next frame. */
  readonly paint: (pen: CanvasRenderingContext2D, picture: Picture, width: number, height: number) => boolean;
  /** Its frames are measured by this name (User Timing), if it has one. */
  readonly name?: string;
}

/** A canvas that follows its size on the page and the pixels of the device, and is painted at most once a frame. */
export function useSurface<Picture>({
  read,
  paint,
  name,
}: Painter<Picture>): RefObject<HTMLCanvasElement | null> {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const element = canvas.current!;
    const pen = element.getContext('2d')!;
    const size = signal({ width: 0, height: 0 });
    let picture: Picture | null = null;
    let frame = 0;
    const observer = new ResizeObserver(([entry]) => {
      const { width, height } = entry!.contentRect;
      size.value = { width, height };
    });
    observer.observe(element);
    const askForFrame = () => {
      frame ||= requestAnimationFrame(() => {
        frame = 0;
        const { width, height } = size.peek();
        if (picture === null || width < 1 || height < 1) return;
        const startedMs = performance.now();
        fitToDevice(element, pen, width, height);
        const isMore = paint(pen, picture, width, height);
        if (name !== undefined) performance.measure(name, { start: startedMs, end: performance.now() });
        if (isMore) askForFrame();
      });
    };
    const stop = effect(() => {
      const { width, height } = size.value;
      picture = read(width, height);
      askForFrame();
    });
    return () => {
      stop();
      cancelAnimationFrame(frame);
      observer.disconnect();
    };
  }, [read, paint, name]);
  return canvas;
}

function fitToDevice(
  element: HTMLCanvasElement,
  pen: CanvasRenderingContext2D,
  width: number,
  height: number,
): void {
  const ratio = devicePixelRatio || 1;
  const [across, down] = [Math.round(width * ratio), Math.round(height * ratio)];
  if (element.width !== across || element.height !== down) {
    element.width = across;
    element.height = down;
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
}
