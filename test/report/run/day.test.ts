import assert from 'node:assert/strict';
import { once } from 'node:events';
import { existsSync, readdirSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { test } from 'node:test';
import { freePort } from '../../servers/index.ts';
import { rowsIn, runReal, written } from './real.ts';
import { runsOf, temporaryFolder } from './reports.ts';

/** `ABREAST_DAY_RUNS=1440`: as many as a day has minutes. Time is real: a run waits for nothing between two. */
const RUNS = Number(process.env.ABREAST_DAY_RUNS ?? 30);
/** What the first runs load stays loaded. */
const FIRST_RUNS = 10;
const ROWS = 6;

/** A server on one port that dies and comes back: on no port that the system gives to a connection meanwhile. */
class Mortal {
  #server: Server | null = null;
  readonly port: number;

  constructor(port: number) {
    this.port = port;
  }

  async live(): Promise<void> {
    if (this.#server !== null) return;
    this.#server = createServer(({ url }, response) => response.end(JSON.stringify({ url })));
    await once(this.#server.listen(this.port, '127.0.0.1'), 'listening');
  }

  async die(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    if (server === null) return;
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** What is open in this process: files and sockets where the system tells them, else what Node knows. */
function open(): number {
  return existsSync('/proc/self/fd')
    ? readdirSync('/proc/self/fd').length
    : process.getActiveResourcesInfo().length;
}

test(`a report that runs ${RUNS} times in one process while an origin dies and comes back leaves nothing open and no memory behind`, async (t) => {
  const folder = temporaryFolder(t);
  const [steady, mortal] = [new Mortal(await freePort()), new Mortal(await freePort())];
  t.after(() => Promise.all([steady.die(), mortal.die()]));
  await steady.live();
  await mortal.live();
  const report = await written(
    folder,
    `rows: { sql: "select range as id, case when range % 2 = 0 then ${steady.port} else ${mortal.port} end as port from range(${ROWS})" }
requests: [{ name: a, url: "http://127.0.0.1:{{port}}/{{id}}" }]
limits: { retries: 0, timeout: 10s }
crunch: [{ name: t, sql: "select id, status, (body->>'$.url') as url, error is null as good from a order by id" }]
dump: [{ table: t, to: t.jsonl }]
fail: { max: 100% }
keep: 3
`,
  );
  const opened: number[] = [];
  const residentMb: number[] = [];
  for (let run = 0; run < FIRST_RUNS + RUNS; run++) {
    const lives = run % 4 < 2;
    await (lives ? mortal.live() : mortal.die());
    const { finished, exitCode } = await runReal(report);
    assert.deepEqual([finished, exitCode], [true, 0], `run ${run}`);
    const expected = Array.from({ length: ROWS }, (_, id) => {
      const good = lives || id % 2 === 0;
      return { id, status: good ? 200 : null, url: good ? `/${id}` : null, good };
    });
    assert.deepEqual(rowsIn(folder, 't.jsonl'), expected, `run ${run}`);
    assert.ok(runsOf(report).filter((name) => !name.startsWith('.')).length <= 3);
    if (run < FIRST_RUNS) continue;
    // Sockets that the origin's death left are gone with the next run; a living origin is one more.
    if (!lives) opened.push(open());
    residentMb.push(process.memoryUsage.rss() / 1e6);
  }
  assert.ok(opened.at(-1)! <= opened[0]! + 2, `open: ${opened}`);
  const grownMb = residentMb.at(-1)! - residentMb[0]!;
  assert.ok(grownMb < 150, `grown by ${Math.round(grownMb)} MB`);
  const timers = process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout');
  assert.ok(timers.length <= 2, `${timers.length} timers`);
  t.diagnostic(
    `${Math.round(residentMb[0]!)} MB after ${FIRST_RUNS} runs, grown by ${Math.round(grownMb)} MB; open ${opened[0]} and ${opened.at(-1)}`,
  );
});
