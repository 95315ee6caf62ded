/** Installed tools, of which nothing is the reader's own: whose line their requests come from. */
import type { Frame } from '../../trace/index.ts';
import { isClient, isLibrary, packageOf } from './index.ts';

/** A script that an installer wrote, to start a package: it has no ending, and lies where commands do. */
const LAUNCHER = /[/\\](?:s?bin|Scripts)[/\\]([^/\\.]+(?:\d\.\d+)?)$/;
/** Where an environment has its packages, beside its commands. */
const LIBRARIES = /^lib(?:64)?[/\\]/i;
/** What packages bring along of others. */
const BROUGHT = /[/\\]_?vendor(?:ed)?[/\\]/;
/** Packages, and files of a tool, that only carry its requests. */
const CARRIES =
  /fetch|https?(?:[^/\\]*)?$|requests?|session|transport|network|urlopen|agent|undici|superagent|axios|^got$|needle|cache_?control|retr(?:y|ie)/i;

/** Packages that read a command line and call the tool's own function. */
const STARTS = /^(?:click|typer|fire|cleo|absl|cliff|invoke|argh|docopt|commander|yargs|cac|oclif)$/;

/**
 * The line of an installed tool that asks: in its own package, and not in what carries its requests. Undefined where
 * the program has lines of its own.
 */
export function toolFrame(frames: readonly Frame[]): Frame | undefined {
  const own = frames.filter(({ file }) => !isLibrary(file));
  if (own.length > 1 || (own[0] !== undefined && !isLaunchedFrom(own[0], frames))) return undefined;
  const asking = frames.filter(
    ({ file }) => packageOf(file) !== undefined && !isCarrier(file) && !STARTS.test(packageOf(file)!),
  );
  const outermost = packageOf(asking.at(-1)?.file ?? '');
  const inTool = asking.filter(({ file }) => packageOf(file) === outermost);
  // Of a line that does nothing but begin, the packages that it works by tell more.
  const telling = inTool.length > 1 || inTool.length === asking.length ? inTool : asking;
  return telling.find(({ file }) => !CARRIES.test(nameIn(file))) ?? telling[0];
}

/**
 * A launcher lies beside the packages of the environment that it was installed into, and does nothing but start one of
 * them; where packages lie somewhere else, it is called like the one that it starts: pip, aws of awscli, yt-dlp of yt_dlp.
 */
function isLaunchedFrom({ file, function: name }: Frame, frames: readonly Frame[]): boolean {
  const launcher = LAUNCHER.exec(file);
  const called = frames[frames.findIndex((frame) => frame.file === file) - 1]?.file ?? '';
  const started = packageOf(called);
  if (launcher === null || started === undefined || name !== '<module>') return false;
  const environment = file.slice(0, launcher.index + 1);
  const isBeside = called.startsWith(environment) && LIBRARIES.test(called.slice(environment.length));
  return isBeside || isAlike(launcher[1]!, started);
}

function isAlike(launcher: string, started: string): boolean {
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
