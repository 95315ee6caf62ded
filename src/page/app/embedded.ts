import type { Lines } from '../../trace/browser.ts';
import type { About } from '../model/about.ts';

/** What the page says of its runs. */
export function aboutInPage(): About {
  return JSON.parse(textOf('verdict')) as About;
}

/**
 * The lines of the trace in element `trace-N`, in batches. `progress` hears which part of it is unpacked, 0 to 1; between
 * two batches the page can draw and take input.
 */
export async function* linesInPage(n: number, progress: (part: number) => void): Lines {
  const reader = bytesOf(textOf(`trace-${n}`), progress)
    .pipeThrough(new DecompressionStream('deflate-raw'))
    .pipeThrough(new TextDecoderStream())
    .getReader();
  let rest = '';
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    const text = rest + next.value;
    const end = text.lastIndexOf('\n');
    rest = text.slice(end + 1);
    if (end >= 0) yield text.slice(0, end).split('\n');
  }
  return rest;
}

/** The bytes of lines of base64, one line when it is asked for. */
function bytesOf(base64: string, progress: (part: number) => void): ReadableStream<Uint8Array<ArrayBuffer>> {
  let at = 0;
  return new ReadableStream({
    async pull(controller) {
      if (at >= base64.length) return controller.close();
      const end = base64.indexOf('\n', at);
      const line = base64.slice(at, end === -1 ? undefined : end);
      at = end === -1 ? base64.length : end + 1;
      progress(at / base64.length);
      await pause();
      controller.enqueue(decoded(line));
    },
  });
}

function decoded(base64: string): Uint8Array<ArrayBuffer> {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let at = 0; at < text.length; at++) bytes[at] = text.charCodeAt(at);
  return bytes;
}

/** Lets the page draw and take input. */
function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve));
}

function textOf(id: string): string {
  return document.getElementById(id)?.textContent?.trim() ?? '';
}
