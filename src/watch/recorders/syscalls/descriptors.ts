/** What a descriptor leads to, shared by all descriptors that were duplicated or inherited from one. */
export interface OpenFile {
  /** How many descriptors lead to it. */
  references: number;
  /** The last of them was closed; `left`: its process has ended, and closed nothing itself. */
  closed(atUs: number, left: boolean): void;
}

interface Entry<File> {
  readonly file: File;
  readonly closeOnExec: boolean;
}

/** The descriptors of a process: those that matter here (sockets, epoll), by number. */
export class Descriptors<File extends OpenFile> {
  readonly #entries = new Map<number, Entry<File>>();
  /** How many processes share it (CLONE_FILES). */
  sharers = 1;

  get(fd: number): File | undefined {
    return this.#entries.get(fd)?.file;
  }

  files(): File[] {
    return [...this.#entries.values()].map((entry) => entry.file);
  }

  /** Puts a file at a number. What was there is closed first: dup2 does so, else its close was missed. */
  set(fd: number, file: File, closeOnExec: boolean, atUs: number): void {
    if (this.#entries.get(fd)?.file !== file) this.close(fd, atUs);
    else file.references--;
    file.references++;
    this.#entries.set(fd, { file, closeOnExec });
  }

  setCloseOnExec(fd: number, closeOnExec: boolean): void {
    const entry = this.#entries.get(fd);
    if (entry !== undefined) this.#entries.set(fd, { file: entry.file, closeOnExec });
  }

  close(fd: number, atUs: number, left = false): void {
    const entry = this.#entries.get(fd);
    if (entry === undefined) return;
    this.#entries.delete(fd);
    entry.file.references--;
    if (entry.file.references === 0) entry.file.closed(atUs, left);
  }

  /** close_range(2). */
  closeRange(first: number, last: number, atUs: number): void {
    for (const fd of [...this.#entries.keys()]) if (fd >= first && fd <= last) this.close(fd, atUs);
  }

  closeOnExec(atUs: number): void {
    for (const [fd, entry] of [...this.#entries]) if (entry.closeOnExec) this.close(fd, atUs);
  }

  /** One of those that share it has ended; with the last one all is closed. */
  leave(atUs: number): void {
    this.sharers--;
    if (this.sharers === 0) for (const fd of [...this.#entries.keys()]) this.close(fd, atUs, true);
  }

  /** A child's copy after fork(2). */
  copy(): Descriptors<File> {
    const copy = new Descriptors<File>();
    for (const [fd, entry] of this.#entries) {
      entry.file.references++;
      copy.#entries.set(fd, entry);
    }
    return copy;
  }
}
