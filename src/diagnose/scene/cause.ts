import type { CauseId } from './ids.ts';
import type { Scene } from './scene.ts';

/** Why exchanges were held up. */
export interface Cause {
  readonly id: CauseId;
  readonly confidence: 'certain' | 'likely' | 'possible';
  /** One sentence for people. */
  readonly text: string;
  /** Who brought it about: modules with their versions, and where. `text` ends with it. */
  readonly who?: string;
  /** The part of the wall time that it took, 0 to 1. */
  readonly share: number;
  /** What was seen, each with its record or its place. */
  readonly evidence: readonly string[];
  /** Something to do; null where nobody can know. */
  readonly remedy: string | null;
  /** Where it was met in public; null where it was not. */
  readonly reference: string | null;
}

/** Looks for one cause; undefined is 'not enough evidence'. */
export type CauseFinder = (scene: Scene) => Cause | undefined;
