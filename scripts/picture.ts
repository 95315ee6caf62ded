/** `node scripts/picture.ts`: draws docs/waterfall.svg from two real runs of the same GETs, one and 24 at a time. */
import { writeFileSync } from 'node:fs';
import { startRun } from '../src/fetch/index.ts';
import { startServer } from '../src/testserver/index.ts';
import type { Exchange } from '../src/trace/index.ts';

const DELAYS_MS = [
  180, 60, 120, 240, 90, 150, 70, 200, 110, 160, 80, 220, 130, 100, 190, 75, 140, 210, 95, 170, 65, 230, 115,
  155,
];
const WIDTH = 760;
const LEFT = 16;
const ROW = 5;
const PANEL = DELAYS_MS.length * ROW + 44;

interface RunDrawn {
  readonly title: string;
  readonly exchanges: readonly Exchange[];
}

const server = await startServer();
const runs: RunDrawn[] = [
  { title: 'one at a time', exchanges: await record(1) },
  { title: `${DELAYS_MS.length} at once`, exchanges: await record(DELAYS_MS.length) },
];
await server.close();
writeFileSync('docs/waterfall.svg', draw(runs));

async function record(concurrency: number): Promise<Exchange[]> {
  const urls = DELAYS_MS.map((delay) => `${server.httpsUrl}/delay/${delay / 1000}`);
  const exchanges: Exchange[] = [];
  const keep = (record: { kind: string }) => record.kind === 'exchange' && exchanges.push(record as Exchange);
  await startRun(urls, { result() {}, record: keep }, { concurrency, tls: { ca: server.ca } }).finished;
  return exchanges.sort((a, b) => a.sentUs! - b.sentUs!);
}

function draw(drawn: readonly RunDrawn[]): string {
  const longestUs = Math.max(...drawn.flatMap(({ exchanges }) => exchanges.map(({ readUs }) => readUs!)));
  const x = (us: number) => (LEFT + (us / longestUs) * (WIDTH - 2 * LEFT)).toFixed(1);
  const panels = drawn.map(({ title, exchanges }, at) => {
    const seconds = (Math.max(...exchanges.map(({ readUs }) => readUs!)) / 1e6).toFixed(2);
    const bars = exchanges.map(({ sentUs, answeredUs, readUs }, row) => {
      const y = 32 + row * ROW;
      const width = Math.max(1, Number(x(answeredUs ?? readUs!)) - Number(x(sentUs!))).toFixed(1);
      return `<rect x="${x(sentUs!)}" y="${y}" width="${width}" height="${ROW - 1.5}" rx="1"/>`;
    });
    return `<g transform="translate(0 ${at * PANEL})" class="${at === 0 ? 'serial' : 'abreast'}">
<text x="${LEFT}" y="20">${title}: ${seconds} s</text>
${bars.join('\n')}
</g>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${PANEL * drawn.length}" role="img" aria-labelledby="title">
<title id="title">The same ${DELAYS_MS.length} GETs, each a bar from sent to answered: one at a time, and all at once</title>
<style>
text { font: 14px system-ui, sans-serif; fill: #1f2328 }
.serial rect { fill: #bc4c00 } .abreast rect { fill: #0969da }
@media (prefers-color-scheme: dark) {
text { fill: #e6edf3 } .serial rect { fill: #f0883e } .abreast rect { fill: #58a6ff }
}
</style>
${panels.join('\n')}
</svg>
`;
}
