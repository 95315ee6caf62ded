import { readFileSync } from 'node:fs';

const EVERY_MS = 100;
const MOST_PROCESSES = 32;

interface Watched {
  readonly path: string;
  readonly firstUs: number;
  lastUs: number;
}

/** How long the control groups of processes were held back by a quota of CPU time, since each was first seen. */
export class QuotaMeter {
  readonly #processes = new Map<number, Watched>();
  readonly #timer: NodeJS.Timeout;
  readonly #root: string;

  /** @param root of the file system */
  constructor(root = '') {
    this.#root = root;
    this.#timer = setInterval(() => this.#sample(), EVERY_MS);
    this.#timer.unref();
  }

  watch(pid: number): void {
    if (this.#processes.has(pid) || this.#processes.size >= MOST_PROCESSES) return;
    const path = statOf(pid, this.#root);
    const throttledUs = path === undefined ? undefined : throttledIn(path);
    if (throttledUs !== undefined)
      this.#processes.set(pid, { path: path!, firstUs: throttledUs, lastUs: throttledUs });
  }

  /** undefined: it is not known, or there is no quota. */
  throttledUs(pid: number): number | undefined {
    const watched = this.#processes.get(pid);
    if (watched === undefined) return undefined;
    watched.lastUs = throttledIn(watched.path) ?? watched.lastUs;
    return watched.lastUs - watched.firstUs;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  /** The group may be gone by the time that its process has ended. */
  #sample(): void {
    for (const watched of this.#processes.values())
      watched.lastUs = throttledIn(watched.path) ?? watched.lastUs;
  }
}

/** The file that counts it (cgroups(7)): of version 2 the one tree, of version 1 that of the controller `cpu`. */
function statOf(pid: number, root: string): string | undefined {
  const lines = read(`${root}/proc/${pid}/cgroup`)?.split('\n') ?? [];
  for (const line of lines) {
    const [, controllers, group] = /^\d+:([^:]*):(.*)$/.exec(line) ?? [];
    if (group === undefined) continue;
    const folder =
      controllers === '' ? '' : controllers!.split(',').includes('cpu') ? `/${controllers}` : undefined;
    // Within a container, the group's own files may be at the top.
    for (const place of folder === undefined ? [] : [`${folder}${group}`, folder]) {
      const path = `${root}/sys/fs/cgroup${place}/cpu.stat`.replaceAll('//', '/');
      if (throttledIn(path) !== undefined) return path;
    }
  }
  return undefined;
}

/** Microseconds: `throttled_usec` of version 2, `throttled_time` of version 1, which counts nanoseconds. */
function throttledIn(path: string): number | undefined {
  const text = read(path);
  const us = /^throttled_usec (\d+)$/m.exec(text ?? '')?.[1];
  if (us !== undefined) return Number(us);
  const ns = /^throttled_time (\d+)$/m.exec(text ?? '')?.[1];
  return ns === undefined ? undefined : Math.round(Number(ns) / 1000);
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'latin1');
  } catch {
    return undefined;
  }
}
