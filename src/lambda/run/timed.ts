import type { Storage } from '../../storage/index.ts';

/** The same storage, which tells how long each file took to write. */
export function timed(storage: Storage, wrote: (ms: number) => void): Storage {
  return {
    url: storage.url,
    writeOnce: (name, content) => {
      const begunMs = performance.now();
      return storage.writeOnce(name, content).finally(() => wrote(performance.now() - begunMs));
    },
    write: (name, content) => storage.write(name, content),
    read: (name) => storage.read(name),
    list: (prefix) => storage.list(prefix),
    remove: (name) => storage.remove(name),
    probe: () => storage.probe(),
  };
}
