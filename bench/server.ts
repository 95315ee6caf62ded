import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { request } from 'node:http';
import { createInterface } from 'node:readline';

/** What the server saw since the last reset (server/meter.go). */
export interface ServerStats {
  readonly requests: number;
  readonly inFlightMax: number;
  readonly inFlightMean: number;
  readonly connections: number;
  readonly http2: number;
  readonly cpuSeconds: number;
}

/** The server all clients GET from, in a process of its own. */
export interface BenchServer {
  readonly port: number;
  reset(): Promise<void>;
  stats(): Promise<ServerStats>;
  stop(): Promise<void>;
}

/** Starts a program that prints one line of JSON when it is ready, and ends when we do. @throws Error with what it complained of. */
export async function startReady(
  command: readonly string[],
): Promise<{ child: ChildProcess; ready: unknown }> {
  const [program, ...args] = command;
  const child = spawn(program!, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  let complaint = '';
  child.stderr!.setEncoding('utf8').on('data', (text: string) => {
    complaint += text;
  });
  const failed = once(child, 'close').then(() => {
    throw new Error(`${command.join(' ')}: ${complaint.trim() || `ended with ${child.exitCode}`}`);
  });
  const lines = createInterface({ input: child.stdout! });
  const line = once(lines, 'line').then(([first]) => first as string);
  const ready: unknown = JSON.parse(await Promise.race([line, failed]));
  failed.catch(() => {}); // after this it may end as it likes: stop() does that
  return { child, ready };
}

/** Ends a child and waits until it is gone. */
export async function stopChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  await closed;
}

/** Starts the server; `prefix` is what the command begins with (taskset, nsenter), `socket` a path for its counts. */
export async function startServer(
  prefix: readonly string[],
  tool: string,
  socket: string,
): Promise<BenchServer> {
  await rm(socket, { force: true });
  const { child, ready } = await startReady([...prefix, tool, 'serve', '-control', socket]);
  return {
    port: (ready as { port: number }).port,
    reset: async () => {
      await ask(socket, '/reset');
    },
    stats: async () => JSON.parse(await ask(socket, '/stats')) as ServerStats,
    stop: () => stopChild(child),
  };
}

function ask(socketPath: string, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    request({ socketPath, path }, async (response) => {
      let text = '';
      for await (const chunk of response.setEncoding('utf8')) text += chunk;
      resolve(text);
    })
      .on('error', reject)
      .end();
  });
}
