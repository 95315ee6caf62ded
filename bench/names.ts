import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startReady, stopChild } from './server.ts';

/** A network of our own with a slow resolver in it. */
export interface Names {
  /** What a command begins with to run inside. */
  readonly prefix: readonly string[];
  stop(): Promise<void>;
}

/** Makes the namespaces of W5 and starts the resolver in them. @throws Error saying what does not allow it. */
export async function startNames(prefix: readonly string[], tool: string, scratch: string): Promise<Names> {
  if (process.getuid?.() !== 0) throw new Error('needs root, for a network namespace: sudo npm run bench');
  const resolvConf = join(scratch, 'resolv.conf');
  const nsswitch = join(scratch, 'nsswitch.conf');
  await writeFile(resolvConf, 'nameserver 127.0.0.1\n');
  await writeFile(nsswitch, 'hosts: files dns\n');
  const script = join(import.meta.dirname, 'names.sh');
  // unshare and the script exec what comes next: the child's pid is the resolver's, and the namespaces are its.
  const { child } = await startReady([...prefix, 'unshare', '-n', '-m', script, resolvConf, nsswitch, tool]);
  return {
    prefix: ['nsenter', '-t', String(child.pid), '-n', '-m', '--'],
    stop: () => stopChild(child),
  };
}
