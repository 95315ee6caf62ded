import { reopenedIn } from '../scene/reopened.ts';
import type { Scene } from '../scene/scene.ts';

/** Connections that are opened again and again, though that took no time worth a cause: a far server makes it one. */
export function reopenedFact(scene: Scene): string | undefined {
  const reopened = reopenedIn(scene);
  if (reopened === undefined) return undefined;
  const { again, text } = reopened;
  return `${text}; ${again.length} could have reused one. Connections are not kept alive, bodies are not read to their end, or fewer may be idle than are used.`;
}
