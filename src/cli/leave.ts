/** A server that is away may have connections that are tried for ever. */
const PATIENCE_MS = 1000;

/** Ends the process soon when all is done and told, whatever is still open. */
export function leaveSoon(): void {
  setTimeout(() => process.exit(), PATIENCE_MS).unref();
}
