/** A fenced block of a document that is marked to run: ```sh run, or ```ts run with its output in the next block. */
export interface Block {
  readonly language: 'sh' | 'ts';
  readonly steps: readonly Step[];
}

export interface Step {
  /** A line of shell, or a whole program. */
  readonly command: string;
  readonly output: string;
}

export function readBlocks(markdown: string): Block[] {
  const fences = [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info, body]) => ({
    info: info!,
    body: body!,
  }));
  return fences.flatMap(({ info, body }, at): Block[] => {
    if (info === 'sh run') return [{ language: 'sh', steps: session(body) }];
    if (info === 'ts run')
      return [{ language: 'ts', steps: [{ command: body, output: fences[at + 1]!.body }] }];
    return [];
  });
}

/** '$ command' lines, each followed by what it prints. */
function session(body: string): Step[] {
  return body
    .split(/^\$ /m)
    .slice(1)
    .map((step) => {
      const end = step.indexOf('\n');
      return { command: step.slice(0, end), output: step.slice(end + 1) };
    });
}

/**
 * The text without what differs from run to run: measured figures, how far a short run got, dates, the milliseconds behind
 * a status in a table and the order by them, and lines that only a busy or a quiet machine prints (idle slots, the client's own
 * CPU, time without requests). Words, and numbers that are not measured (a status, a count of GETs), stay.
 */
export function shapeOf(printed: string): string {
  return printed
    .replace(/^ {2}(idle slots|this client was the bottleneck).*\n/gm, '')
    .replace(/^Time .*\n( {10}.*\n)*/gm, '')
    .replace(/\d[\d,.]* (ms|s|min)\b/g, '# time')
    .replace(/\d{4}-\d\d-\d\d(T[\d-]+Z)?/g, '# date')
    .replace(/^(\w+ +(?:\d{3}|status)) +(?:\d+|ms) /gm, '$1 # ')
    .replace(/(?:^\w+ +\d{3} # .*\n)+/gm, (rows) => `${rows.trimEnd().split('\n').sort().join('\n')}\n`)
    .replace(/\d+\.\d in flight/g, '# in flight')
    .replace(/\d+ (requests waited|waits of|exchanges,)/g, '# $1')
    .replace(/\(\d[\d,.]*\/s\)/g, '(#/s)')
    .replace(/\(\d[\d.]*x\)/g, '(#x)')
    .replace(/(mean|max) [\d.]+/g, '$1 #')
    .replace(/of [\d.]+ wanted \([\d.]+%\)/g, 'of # wanted (#%)')
    .replace(/: (concurrent|partly)\b.*/g, ': more than one')
    .replace(/^\s+|\s+$/g, '');
}
