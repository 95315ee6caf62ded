import type { Wait } from '../records.ts';
import { waitKindOf } from '../wait-kinds.ts';

/** 'epoll_wait', 'await', 'executor item queue' */
export function wait(text: string): Wait {
  const queue = /^(.*) queue$/.exec(text)?.[1];
  if (queue === undefined) return { kind: waitKindOf(text), call: text };
  return { kind: /^(?:executor|pool) item$/.test(queue) ? 'executor' : 'queue', call: queue };
}
