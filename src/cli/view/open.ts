import { spawn } from 'node:child_process';
import { once } from 'node:events';

/** The command that opens a file in a browser on this machine; undefined where there is no screen. */
export function browserCommand(
  environment: NodeJS.ProcessEnv = process.env,
  platform: NodeJS.Platform = process.platform,
): readonly string[] | undefined {
  if (platform === 'darwin') return ['open'];
  if (platform === 'win32') return ['explorer.exe'];
  const { BROWSER, DISPLAY, WAYLAND_DISPLAY } = environment;
  if (!DISPLAY && !WAYLAND_DISPLAY) return undefined;
  return [BROWSER || 'xdg-open'];
}

/** Opens a file in the browser, and does not wait for it. Says whether there was one to start. */
export async function openInBrowser(file: string): Promise<boolean> {
  const [command, ...args] = browserCommand() ?? [];
  if (command === undefined) return false;
  const browser = spawn(command, [...args, file], { stdio: 'ignore', detached: true });
  try {
    await once(browser, 'spawn');
  } catch {
    return false; // there is no such command
  }
  browser.unref();
  return true;
}
