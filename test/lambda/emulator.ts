import { spawn } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { commandAt, freePort } from '../servers/index.ts';

const EMULATOR = commandAt('aws-lambda-rie');

/** For `skip` of a test: why AWS's Runtime Interface Emulator is not here, or false. */
export const NO_RIE = EMULATOR === undefined && 'needs aws-lambda-rie: scripts/system.sh aws-lambda-rie';

export interface Emulator {
  /** Returns what the function returns, or its error. */
  invoke(event: unknown): Promise<unknown>;
  close(): void;
}

/** Starts AWS's Runtime Interface Emulator around a runtime; `env` is all that the runtime has. */
export async function startEmulator(
  runtime: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<Emulator> {
  const [port, runtimePort] = [await freePort(), await freePort()];
  const emulator = spawn(
    EMULATOR!,
    [
      ...['--runtime-interface-emulator-address', `127.0.0.1:${port}`],
      ...['--runtime-api-address', `127.0.0.1:${runtimePort}`, '--log-level', 'error'],
      ...runtime,
    ],
    {
      env: { PATH: process.env.PATH!, AWS_LAMBDA_FUNCTION_TIMEOUT: '60', ...env },
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const url = `http://127.0.0.1:${port}/2015-03-31/functions/function/invocations`;
  return {
    close: () => emulator.kill(), // it ends the runtime
    async invoke(event) {
      for (;;)
        try {
          return await (await fetch(url, { method: 'POST', body: JSON.stringify(event) })).json();
        } catch (error) {
          // It does not listen yet.
          if (emulator.exitCode !== null) throw error;
          await sleep(50);
        }
    },
  };
}
