import type { Page } from 'playwright-core';

/** When the waterfall was first painted, in milliseconds since the page was opened. */
export async function firstPictureMs(page: Page): Promise<number> {
  return page.evaluate<number>(`new Promise((resolve) => {
    new PerformanceObserver((list, observer) => {
      const [first] = list.getEntriesByName('waterfall');
      if (first === undefined) return;
      observer.disconnect();
      resolve(first.startTime);
    }).observe({ type: 'measure', buffered: true });
  })`);
}

/** What the page keeps in memory. */
export async function heapOf(page: Page): Promise<number> {
  const chromium = await page.context().newCDPSession(page);
  await chromium.send('HeapProfiler.collectGarbage');
  const { usedSize } = await chromium.send('Runtime.getHeapUsage');
  await chromium.detach();
  return usedSize / 1_000_000;
}

/** In the page: turns the wheel over the middle of the waterfall, and waits until that is painted. */
const WHEEL = `async (options) => {
  const area = document.querySelector('#waterfall canvas');
  const { width, height } = area.getBoundingClientRect();
  const event = new WheelEvent('wheel', { bubbles: true, cancelable: true, ...options });
  Object.defineProperty(event, 'offsetX', { value: width / 2 });
  Object.defineProperty(event, 'offsetY', { value: height / 2 });
  area.dispatchEvent(event);
  await new Promise((resolve) => requestAnimationFrame(resolve));
}`;
const FRAMES = 100;

/** In the page: until the waterfall has not been painted for ten frames, because there is nothing better to show. */
const RESTED = `new Promise((resolve) => {
  let painted = -1, still = 0;
  const look = () => {
    const now = performance.getEntriesByName('waterfall').length;
    still = now === painted ? still + 1 : 0;
    painted = now;
    if (still === 10) resolve();
    else requestAnimationFrame(look);
  };
  look();
})`;

/** Zooms in, then pans: gives the CPU time of JavaScript for each frame, its event included, in milliseconds. */
export async function pan(page: Page): Promise<readonly number[]> {
  const chromium = await page.context().newCDPSession(page);
  await chromium.send('Performance.enable', { timeDomain: 'threadTicks' });
  const scriptMs = async (): Promise<number> => {
    const { metrics } = await chromium.send('Performance.getMetrics');
    return 1_000 * metrics.find(({ name }) => name === 'ScriptDuration')!.value;
  };
  await page.evaluate(`(${WHEEL})({ deltaY: -900, ctrlKey: true })`);
  await page.evaluate(RESTED);
  const measured: number[] = [];
  let before = await scriptMs();
  for (let frame = 0; frame < FRAMES; frame++) {
    await page.evaluate(`(${WHEEL})({ deltaX: ${frame < FRAMES / 2 ? 23 : -23} })`);
    const after = await scriptMs();
    measured.push(after - before);
    before = after;
  }
  await chromium.detach();
  return measured;
}
