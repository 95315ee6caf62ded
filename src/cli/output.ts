/** A reader that has seen enough (`| head`), or a terminal that was closed. */
const READER_GONE = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'];

/**
 * Outlives what becomes of standard output and standard error. A reader that leaves early is no fault: the rest is
 * dropped in silence. Output that can't be written for another reason (a full disk) is told, and is exit code 3.
 */
export function outliveReaders(): void {
  process.stderr.on('error', () => {}); // there is nobody left to tell
  let isTold = false;
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (isTold || READER_GONE.includes(error.code ?? '')) return;
    isTold = true;
    console.error(`abreast: standard output can't be written: ${error.message}`);
    process.once('exit', () => {
      process.exitCode ||= 3;
    });
  });
}
