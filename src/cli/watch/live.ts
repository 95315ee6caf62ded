import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { LiveBlock, liveLines, liveText } from '../../view/index.ts';
import { type Launched, Live, type Streams } from '../../watch/index.ts';

/** A program as it is shown while it runs. */
export interface LiveView {
  readonly live: Live;
  /** How its output is to be connected. */
  readonly streams: Streams;
  begin(program: Launched): void;
  /** The program has ended: what it wrote is printed to its end, and the terminal is as it was. */
  end(): Promise<void>;
}

const REDRAW_MS = 200;
const LINE_MS = 5_000;
/** As many bars as are looked for; fewer are drawn. */
const LAST = 10;
/** What a program that has ended leaves behind may keep its output open. */
const DRAIN_MS = 300;

/** Redrawn in place on a terminal, else a line now and then. `streams` is how the output is connected otherwise. */
export function liveView(streams: Streams, stream: NodeJS.WriteStream = process.stderr): LiveView {
  const live = new Live();
  return stream.isTTY && process.env.TERM !== 'dumb'
    ? onTerminal(live, streams, stream)
    : inLines(live, streams, stream);
}

function inLines(live: Live, streams: Streams, stream: NodeJS.WriteStream): LiveView {
  const tell = () => stream.write(`${liveText(live.figures(0))}\n`);
  let timer: NodeJS.Timeout | undefined;
  return {
    live,
    streams,
    begin: () => {
      timer = setInterval(tell, LINE_MS).unref();
    },
    end: async () => {
      clearInterval(timer);
      tell();
    },
  };
}

function onTerminal(live: Live, streams: Streams, stream: NodeJS.WriteStream): LiveView {
  const block = new LiveBlock(stream);
  const draw = () => block.draw(liveLines(live.figures(LAST), stream));
  let timer: NodeJS.Timeout | undefined;
  let outputs: readonly Promise<void>[] = [];
  const print = (text: string, to: NodeJS.WriteStream) => {
    block.erase();
    to.write(text);
    draw();
  };
  return {
    live,
    streams: 'piped',
    begin: ({ stdout, stderr }) => {
      timer = setInterval(draw, REDRAW_MS).unref();
      const out = streams === 'own' ? process.stdout : process.stderr;
      outputs = [
        passedOn(stdout, (text) => print(text, out)),
        passedOn(stderr, (text) => print(text, process.stderr)),
      ];
    },
    end: async () => {
      await Promise.race([Promise.all(outputs), sleep(DRAIN_MS)]);
      clearInterval(timer);
      block.erase();
    },
  };
}

/** Hands over whole lines, and at the end what has none: a line that is cut would be drawn over. */
async function passedOn(output: Readable | null | undefined, print: (text: string) => void): Promise<void> {
  if (output == null) return;
  let rest = '';
  output.setEncoding('utf8').on('data', (text: string) => {
    const end = text.lastIndexOf('\n') + 1;
    if (end > 0) print(rest + text.slice(0, end));
    rest = end > 0 ? text.slice(end) : rest + text;
  });
  await finished(output).catch(() => {}); // a pipe that was closed has ended as well
  if (rest !== '') print(`${rest}\n`);
}
