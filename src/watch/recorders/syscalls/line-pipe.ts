import { execFileSync } from 'node:child_process';
import { closeSync, constants, openSync, read, readSync, writeSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * strace writes to its pipe two or three times a call. To be woken by each write cost as much as the tracing itself, so
 * what comes is left to gather this long. Once the pipe was half full, strace might have to wait for us: then it is
 * emptied at once, and so are the next ones.
 */
const GATHER_MS = 1;
const EAGER_READS = 32;
const PIPE_SIZE = 65_536;
const READS_A_TURN = 32;

/** A named pipe that is read line by line. Latin-1: strace prints ASCII, and other encodings take twice the time. */
export class LinePipe {
  readonly #polling: number;
  readonly #reading: number;
  readonly #writing: number;
  readonly #onLine: (line: string) => void;
  #rest = '';
  #stopping = false;
  readonly #ended: Promise<void>;

  /** Makes the pipe, for others to write into. @throws what mkfifo(1) and open(2) throw */
  constructor(path: string, onLine: (line: string) => void) {
    this.#onLine = onLine;
    execFileSync('mkfifo', ['-m', '600', path]);
    this.#polling = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    // Kept open, so that the pipe does not end before its writer has opened it, nor for want of one that never does.
    this.#writing = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    // Blocking, as the first one could not be: read() waits in a thread of libuv.
    this.#reading = openSync(path, constants.O_RDONLY);
    this.#ended = this.#read();
  }

  /** Its writers are gone: resolves when all that they wrote was read. */
  async drained(): Promise<void> {
    closeSync(this.#writing);
    await this.#ended;
    closeSync(this.#reading);
    closeSync(this.#polling);
  }

  /** Somebody may write on: resolves when nothing more will be read. It stays open. */
  async stopped(): Promise<void> {
    this.#stopping = true;
    writeSync(this.#writing, '\n'); // for the read that waits to return
    await this.#ended;
  }

  close(): void {
    for (const descriptor of [this.#writing, this.#reading, this.#polling]) closeSync(descriptor);
  }

  async #read(): Promise<void> {
    const buffer = Buffer.allocUnsafe(PIPE_SIZE);
    let eager = 0;
    for (;;) {
      const count = await readSome(this.#reading, buffer);
      if (count === 0 || this.#stopping) break;
      this.#cut(buffer.toString('latin1', 0, count));
      if (count >= PIPE_SIZE / 2) eager = EAGER_READS;
      if (eager-- > 0) this.#empty(buffer);
      else await sleep(GATHER_MS);
    }
    if (this.#rest !== '' && !this.#stopping) this.#onLine(this.#rest);
  }

  /** Reads while there is something; now and then whatever else is to be done has its turn. */
  #empty(buffer: Buffer): void {
    for (let reads = 0; reads < READS_A_TURN; reads++) {
      const count = readNow(this.#polling, buffer);
      if (count === 0) return;
      this.#cut(buffer.toString('latin1', 0, count));
    }
  }

  #cut(text: string): void {
    let from = 0;
    for (let end = text.indexOf('\n'); end >= 0; end = text.indexOf('\n', from)) {
      this.#onLine(this.#rest + text.slice(from, end));
      this.#rest = '';
      from = end + 1;
    }
    this.#rest += text.slice(from);
  }
}

function readSome(descriptor: number, buffer: Buffer): Promise<number> {
  return new Promise((resolve, reject) => {
    read(descriptor, buffer, 0, buffer.length, null, (error, count) =>
      error === null ? resolve(count) : reject(error),
    );
  });
}

/** 0: nothing is there now, or nothing will be. */
function readNow(descriptor: number, buffer: Buffer): number {
  try {
    return readSync(descriptor, buffer);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EAGAIN') return 0;
    throw error;
  }
}
