/** Records a command in a terminal, in a thread of its own. */
import { parentPort, workerData } from 'node:worker_threads';
import { recordTerminal } from './terminal.ts';

const { command, ...how } = workerData;
parentPort!.postMessage(recordTerminal(command, how).recording);
