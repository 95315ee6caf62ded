import { computed, signal } from '@preact/signals';
import type { AboutRun } from '../model/about.ts';
import type { Recording } from '../model/recording.ts';
import { readRecording } from '../model/recording.ts';
import { aboutInPage, linesInPage } from './embedded.ts';

/** What the page shows. Views read these signals; what a person does changes them. */

const about = aboutInPage();

/** The version of abreast that wrote the page. */
export const abreastVersion = about.abreast;

/** One run, or two to compare: known at once. */
export const runs: readonly AboutRun[] = about.runs;

/** What two runs are called beside their names. */
export const RUN_LETTERS = ['A', 'B'] as const;

/** The run that is shown where one run is shown: its place in `runs`. */
export const shownRun = signal(0);

/** What the page says of it. */
export const shownAbout = computed(() => runs[shownRun.value]!);

/** The trace of each run that has been read, in the order of `runs`. */
export const recordings = signal<readonly Recording[]>([]);

/** Which part of the traces has been read, 0 to 1; null: all of it. */
export const reading = signal<number | null>(0);

/** Why a trace could not be read. */
export const readingFailure = signal<string | null>(null);

/** The stretch of time that is visible, the same in all views, in microseconds of the trace. */
export const visible = signal<{ readonly fromUs: number; readonly toUs: number }>({ fromUs: 0, toUs: 1 });

/** The instant under the pointer, the same in all views; null: none. */
export const cursorUs = signal<number | null>(null);

/** The exchange that is selected: its place in the trace of the run that is shown; null: none. */
export const selected = signal<number | null>(null);

/** The view that is open below the verdict, by its id. */
export const open = signal(runs.length > 1 ? 'runs' : 'timeline');

/** Reads the traces of the page. */
export async function readTraces(): Promise<void> {
  for (const [index, { name }] of runs.entries()) {
    const progress = (part: number) => {
      reading.value = (index + part) / runs.length;
    };
    try {
      const recording = await readRecording(name, linesInPage(index + 1, progress));
      recordings.value = [...recordings.value, recording];
    } catch (error) {
      readingFailure.value = (error as Error).message;
      break;
    }
  }
  reading.value = null;
}
