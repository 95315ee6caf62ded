import type { Environment, Frame, Patch } from '../../trace/index.ts';
import type { Greenlets } from '../languages/python.ts';
import type { Scene } from './scene.ts';

/** The library that switches between greenlets: gevent or eventlet, by its patches or by its frames. */
export function greenletsOf({ environments }: Scene, frames: readonly Frame[]): Greenlets | undefined {
  for (const name of ['gevent', 'eventlet'] as const) {
    if (frames.some(({ file }) => file.includes(`/${name}/`))) return name;
    if (environments.some((environment) => (environment.patches ?? []).some(({ by }) => by === name)))
      return name;
    if (environments.some(({ modules }: Environment) => modules?.some((module) => module.name === name)))
      return name;
  }
  return undefined;
}

const GREEN: ReadonlySet<string> = new Set(['gevent', 'eventlet']);

/** The patches of gevent and eventlet, and what others put in the place of something else. */
export function patchesOf({ environments }: Scene): {
  patches: readonly Patch[];
  overrides: readonly Patch[];
} {
  const all = environments.flatMap(({ patches }) => patches ?? []);
  return {
    patches: all.filter(({ by }) => GREEN.has(by)),
    overrides: all.filter(({ by }) => !GREEN.has(by)),
  };
}
