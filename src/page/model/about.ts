import type { Verdict } from '../../diagnose/browser.ts';
import type { RunHeader } from '../../trace/browser.ts';

/** What the page says before it has read any trace: the JSON of the element `verdict`. */
export interface About {
  /** The version of abreast that wrote the page. */
  readonly abreast: string;
  /** One run, or two to compare. */
  readonly runs: readonly AboutRun[];
}

/** A run of the page. Its records are in the element `trace-1` or `trace-2`. */
export interface AboutRun {
  /** The file that it came from. */
  readonly name: string;
  /** The head of its trace: the command, when, where. */
  readonly run: RunHeader;
  readonly verdict: Verdict;
  /** How many of its exchanges the page has; null: all of them. */
  readonly sample: Sample | null;
}

/** The part of a large run that is in the page. Its verdict is of the whole run. */
export interface Sample {
  readonly shown: number;
  readonly of: number;
}
