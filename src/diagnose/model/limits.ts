import type { Limit, LimitKind, ResourceType } from '../../trace/index.ts';
import { ownFrame } from '../languages/frames.ts';
import type { Scene } from '../scene/scene.ts';
import type { Waiting } from './waiting.ts';

/** What the recorder knows of the resource that was waited for, as a limit; undefined where nobody knows its capacity. */
export function limitOf(scene: Scene, { resource }: Waiting): Limit | undefined {
  if (resource === undefined || typeof resource.capacity !== 'number') return undefined;
  const frames = scene.framesOf(resource.setAt);
  const set = ownFrame(frames) ?? frames[0];
  return {
    kind: KINDS.get(resource.type) ?? 'other',
    size: resource.capacity,
    of: resource.name ?? resource.type,
    ...(set !== undefined && { setAt: `${set.file}:${set.line}` }),
  };
}

const KINDS: ReadonlyMap<ResourceType, LimitKind> = new Map([
  ['semaphore', 'permits'],
  ['executor', 'workers'],
  ['connection-pool', 'connections'],
  ['streams', 'streams'],
  ['rate', 'rate'],
]);
