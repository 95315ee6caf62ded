/** Installed tools, of which nothing is the reader's own: whose line their requests come from. */
import type { Frame } from '../../trace/index.ts';
import { isClient, isLibrary, packageOf } from './index.ts';

/** A script that an installer wrote, to start a package: it has no ending, and lies where commands do. */
const LAUNCHER = /[/\\](?:s?bin|Scripts)[/\\]([^/\\.]+(?:\d\.\d+)?)$/;
/** What packages bring along of others. */
const BROUGHT = /[/\\]_?vendor(?:ed)?[/\\]/;
/** Packages, and files of a tool, that only carry its requests. */
const CARRIES =
  /fetch|https?(?:[^/\\]*)?$|requests?|session|transport|network|urlopen|agent|undici|superagent|axios|^got$|needle|cache_?control|retr(?:y|ie)/i;

/**
 * The line of an installed tool that asks: in its own package, and not in what carries its requests. Undefined where
 * the program has lines of its own.
 */
export function toolFrame(frames: readonly Frame[]): Frame | undefined {
  const own = frames.filter(({ file }) => !isLibrary(file));
  if (own.length > 1 || (own[0] !== undefined && !isLaunchedFrom(own[0], frames))) return undefined;
  const asking = frames.filter(({ file }) => packageOf(file) !== undefined && !isCarrier(file));
  const outermost = packageOf(asking.at(-1)?.file ?? '');
  const inTool = asking.filter(({ file }) => packageOf(file) === outermost);
  // Of a line that does nothing but begin, the packages that it works by tell more.
  const telling = inTool.length > 1 || inTool.length === asking.length ? inTool : asking;
  return telling.find(({ file }) => !CARRIES.test(nameIn(file))) ?? telling[0];
}

/** A launcher is called like its package: pip, aws of awscli, yt-dlp of yt_dlp. */
function isLaunchedFrom({ file, function: name }: Frame, frames: readonly Frame[]): boolean {
  const launcher = LAUNCHER.exec(file)?.[1];
  const called = frames[frames.findIndex((frame) => frame.file === file) - 1];
  const started = packageOf(called?.file ?? '');
  if (launcher === undefined || started === undefined || name !== '<module>') return false;
  const [one, other] = [launcher, started].map((text) => text.toLowerCase().replaceAll(/[^a-z]/g, ''));
  const shortest = Math.min(one!.length, other!.length, ALIKE);
  return shortest > 1 && one!.slice(0, shortest) === other!.slice(0, shortest);
}

/** So many letters at the beginning are the same. */
const ALIKE = 4;

function isCarrier(file: string): boolean {
  return isClient(file) || BROUGHT.test(file) || CARRIES.test(packageOf(file) ?? '');
}

/** The last two parts of a file's name, without its ending. */
function nameIn(file: string): string {
  return file
    .split(/[/\\]/)
    .slice(-2)
    .join('/')
    .replace(/\.\w+$/, '');
}
