import type { CauseFound, Fix, Reference } from './found.ts';
import type { Scene } from './scene/scene.ts';
import type { Step } from './steps.ts';

/** A cause of requests that did not overlap: the one file of causes/ that is named by its id. */
export interface Rule<Id extends string = string> {
  readonly id: Id;
  /** The step that it delays; `none` where it may be any. */
  readonly step: Step | 'none';
  readonly means: string;
  readonly toldFrom: string;
  /** What to do; null where nobody can know. */
  readonly fix: Fix | null;
  /** Which confidence it is found with, and when. */
  readonly sure: string;
  /** Where it was met in public: the first that fits the program's language. */
  readonly references: readonly Reference[];
  /** Causes that explain the same waits better: where one of them is found, this one is not said. */
  readonly yieldsTo: readonly string[];
  /** Undefined where there is not enough evidence. */
  readonly find: (scene: Scene) => CauseFound | undefined;
}

/** A rule, with its id as its type. */
export function rule<const Id extends string>(of: Rule<Id>): Rule<Id> {
  return of;
}
