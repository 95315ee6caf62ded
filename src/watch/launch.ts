import { spawn } from 'node:child_process';
import { signalChildren } from './children.ts';
import type { Exit, Launcher } from './recorders/recorder.ts';

/** Starts a program directly, for recorders that do not wrap it. */
export const launch: Launcher = ({ command: [file, ...args], environment, cwd }, stdio) => {
  const child = spawn(file!, args, { env: environment, cwd, stdio: stdio as 'inherit' });
  const done = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (exitCode, signal) => resolve({ exitCode, signal }));
  });
  const signalAll = (name: NodeJS.Signals) => {
    signalChildren(child.pid, name);
    child.kill(name);
  };
  const { pid, stdout, stderr } = child;
  return { pid, stdout, stderr, done, signal: (name) => child.kill(name), signalAll };
};
