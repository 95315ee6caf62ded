/** Records a command in a terminal, while the thread that asks for it serves what the command requests. */
import { parentPort, workerData } from 'node:worker_threads';
import { recordTerminal } from '../../scripts/pictures/terminal.ts';

const { command, cwd, file, env } = workerData;
const script = `cd "$0" && exec "$@"`;
parentPort!.postMessage(
  recordTerminal(['sh', '-c', script, cwd, ...command], { columns: 80, rows: 24, file, env }),
);
