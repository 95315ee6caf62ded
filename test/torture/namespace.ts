import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const INSIDE = 'ABREAST_TORTURE_NAMESPACE';

/** Where the arena is this machine's name server: with a network, mounts and resolv.conf of its own. */
export function isInside(): boolean {
  return process.env[INSIDE] === 'yes';
}

/**
 * Runs this program again in namespaces of its own, where names are answered by the arena and nothing leads out.
 * Gives its exit code; null where the system allows no namespaces.
 */
export async function runInside(program: string, args: readonly string[]): Promise<number | null> {
  const flags = ['-nm', '-Urnm'].find((some) => spawnSync('unshare', [some, 'true']).status === 0);
  if (flags === undefined) return null;
  const folder = mkdtempSync(join(tmpdir(), 'abreast-torture-names-'));
  writeFileSync(join(folder, 'resolv.conf'), 'nameserver 127.0.0.1\n');
  writeFileSync(join(folder, 'nsswitch.conf'), 'hosts: files dns\n');
  const script = `
ip link set lo up &&
mount --bind '${folder}/resolv.conf' /etc/resolv.conf &&
mount --bind '${folder}/nsswitch.conf' /etc/nsswitch.conf &&
exec "$@"`;
  const child = spawn('unshare', [flags, 'sh', '-c', script, 'torture', process.execPath, program, ...args], {
    stdio: 'inherit',
    env: { ...process.env, [INSIDE]: 'yes' },
  });
  const pass = (signal: NodeJS.Signals) => child.kill(signal);
  process.on('SIGINT', pass).on('SIGTERM', pass);
  try {
    const [code] = await once(child, 'close');
    return code ?? 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
