/** `npm run check`: types, lint, format, and the arrows between rooms, side by side; what they found is printed. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { styleText } from 'node:util';

const bin = (name: string) => new URL(`../node_modules/.bin/${name}`, import.meta.url).pathname;
const colour = process.stdout.hasColors?.() ? '--colors=force' : '--colors=off';

const CHECKS: ReadonlyArray<readonly [title: string, command: string, args: readonly string[]]> = [
  ['types', bin('tsc'), ['-p', 'tsconfig.json']],
  ['types of the page', bin('tsc'), ['-p', 'src/page/app/tsconfig.json']],
  ['the page', process.execPath, [new URL('./page.ts', import.meta.url).pathname, '--check']],
  ['lint and format', bin('biome'), ['check', '--error-on-warnings', colour]],
  ['lint of Python', process.execPath, [new URL('./ruff.ts', import.meta.url).pathname]],
  ['arrows', process.execPath, [new URL('./arrows.ts', import.meta.url).pathname]],
];

const passed = await Promise.all(CHECKS.map(([title, command, args]) => check(title, command, args)));
process.exitCode = passed.every(Boolean) ? 0 : 1;

async function check(title: string, command: string, args: readonly string[]): Promise<boolean> {
  const startedMs = performance.now();
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  const exit = new Promise<number | null>((resolve, reject) =>
    child.on('error', reject).on('close', resolve),
  );
  const [out, err, code] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  const skipped = code === 0 && out.startsWith('skipped: ');
  const mark = skipped
    ? styleText('yellow', 'skip')
    : code === 0
      ? styleText('green', 'ok  ')
      : styleText('red', 'FAIL');
  console.log(`${mark} ${title.padEnd(16)} ${seconds.padStart(5)} s${skipped ? `  ${out.trimEnd()}` : ''}`);
  if (code !== 0) console.log(`${out}${err}`.trimEnd());
  return code === 0;
}
