import type { Frame, Stack } from '../../trace/index.ts';
import { fileName } from '../file-name.ts';
import { isClient, isLibrary, isNameless, withinPackages } from './index.ts';
import { toolFrame } from './tools.ts';

/** A line of code in somebody's file. */
export interface CodeLine {
  readonly file: string;
  readonly line: number;
  /** 'urllib3.contrib.pyopenssl.WrappedSocket.recv' */
  readonly function?: string;
  /** Whether it is the program's own, and of no library. */
  readonly own: boolean;
}

/** The place of a frame. */
export function toPlace(frame: Frame): CodeLine {
  const { file, line } = frame;
  const isNamed = frame.function !== undefined || frame.self !== undefined;
  return { file, line, ...(isNamed && { function: calledOf(frame) }), own: !isLibrary(file) };
}

/** The places of frames, each once, the program's own first. */
export function placesOf(...frames: readonly (Frame | undefined)[]): readonly CodeLine[] {
  const known = frames.filter((frame) => frame !== undefined);
  const places = [...new Map(known.map((frame) => [`${frame.file}:${frame.line}`, toPlace(frame)])).values()];
  return [...places.filter(({ own }) => own), ...places.filter(({ own }) => !own)];
}

/** 'urllib3/util/wait.py:105' of a library, 'report.py:31' of the program's own, 'cell:2' of a notebook. */
export function placeOf({ file, line }: Pick<Frame, 'file' | 'line'>): string {
  if (CELL.test(file)) return `cell:${line}`;
  return `${withinPackages(file) ?? fileName(file)}:${line}`;
}

/** The same of a place that is written as text: 'requests/sessions.py:502'. What is no file with a line stays as it is. */
export function shortPlace(place: string): string {
  const [, file, line] = /^(.+):(\d+)$/.exec(place) ?? [];
  return file === undefined ? place : placeOf({ file, line: Number(line) });
}

/** What IPython calls the code of a cell. */
const CELL = /[/\\]ipykernel_\d+[/\\]\d+\.py$|^<ipython-input-\d+-\w+>$/;

/** 'urllib3.contrib.pyopenssl.WrappedSocket.recv', 'do_poll'. */
export function calledOf({ self, function: name }: Pick<Frame, 'self' | 'function'>): string {
  if (name === undefined) return self ?? 'anonymous function';
  return self === undefined || name.startsWith(`${self}.`) ? name : `${self}.${name}`;
}

/** The program's own frame nearest to the leaf; of an installed tool, the line of its package. */
export function ownFrame(frames: readonly Frame[]): Frame | undefined {
  const tool = toolFrame(frames);
  if (tool !== undefined) return tool;
  const own = frames.filter(({ file }) => !isLibrary(file));
  return own.find(({ function: name }) => !isNameless(name ?? '')) ?? own[0];
}

/** The frames below the program's own, leaf first: what its line called. All of them where none is its own. */
export function framesBelowOwn(frames: readonly Frame[]): readonly Frame[] {
  const own = frames.findIndex(({ file }) => !isLibrary(file));
  return own === -1 ? frames : frames.slice(0, own);
}

/** Whether a busy thread is in work of the program's own, and not in what its HTTP client does for the requests. */
export function isOwnWork(frames: readonly Frame[]): boolean {
  const below = framesBelowOwn(frames);
  return below.length < frames.length && !below.some(({ file }) => isClient(file));
}

/**
 * 'file:line' of the program's own line nearest to the request; of an installed tool, the line of its package; else
 * the outermost line.
 */
export function askingLine(stack: Stack | undefined): string | null {
  const frames = stack?.frames ?? [];
  const frame = toolFrame(frames) ?? frames.find(({ file }) => !isLibrary(file)) ?? frames.at(-1);
  return frame === undefined ? null : `${frame.file}:${frame.line}`;
}
