import type { Fix, Reference } from '../found.ts';
import { languageOfFile } from '../languages/index.ts';
import { ofScene, type Scene } from './scene.ts';

/**
 * The language that the program is written in, as far as it is known: of the processes that made the requests, else of
 * all that said so, else of the files in its stacks. null where they differ, and of a program that only the system
 * calls tell of.
 */
export const languageOf = ofScene(({ environments, exchanges, evidence }): string | null => {
  const pids = new Set(exchanges.map(({ exchange }) => exchange.pid));
  const asking = environments.filter(({ pid }) => pids.has(pid));
  const languages = new Set((asking.length > 0 ? asking : environments).map(({ language }) => language));
  if (languages.size === 0)
    for (const { file } of evidence.stack.flatMap(({ frames }) => frames)) {
      const language = languageOfFile(file);
      if (language !== undefined) languages.add(language);
    }
  const [language] = languages;
  return languages.size === 1 ? language! : null;
});

/** What to do, in the words of the program's language. */
export function fixFor(scene: Scene, fix: Fix): string {
  const { any, ...own } = fix;
  return new Map(Object.entries(own)).get(languageOf(scene) ?? '') ?? any;
}

/** The first reference that a writer of this program can use. */
export function referenceFor(scene: Scene, references: readonly Reference[]): Reference | null {
  const own = languageOf(scene);
  return references.find(({ language }) => language === undefined || language === own) ?? null;
}
