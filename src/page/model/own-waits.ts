import { type Evidence, type WaitClass, waitOf } from '../../diagnose/browser.ts';
import type { Block, Frame, Resource } from '../../trace/browser.ts';
import type { TimeColumns } from './times.ts';

/** What the unit of work of an exchange waited for, before the exchange could go on. */
export interface OwnWait {
  readonly fromUs: number;
  readonly toUs: number;
  readonly kind: WaitClass;
  /** What had no place for it, where a recorder knows it. */
  readonly resource: Resource | null;
  /** Where that was made. */
  readonly madeAt: readonly Frame[];
  /** The exchanges of the units that had it then, by their places in the trace. */
  readonly heldFor: readonly number[];
  /** Where it waited, leaf first. */
  readonly frames: readonly Frame[];
}

/** Finds what an exchange waited for most between two moments; null where no recorder saw its unit wait. */
export type OwnWaitIn = (exchange: number, fromUs: number, toUs: number) => OwnWait | null;

/** A shorter wait is not what took the time. */
const LEAST_PART = 0.2;

/** Prepares to tell what units waited for. */
export function ownWaitFinder(evidence: Evidence, times: TimeColumns): OwnWaitIn {
  const ofUnit = Map.groupBy(
    evidence.block.filter(({ unit }) => unit !== undefined),
    ({ unit }) => unit!,
  );
  const stacks = new Map(evidence.stack.map((stack) => [stack.id, stack.frames]));
  const resources = new Map(evidence.resource.map((resource) => [resource.id, resource]));
  const framesOf = (id: number | undefined): readonly Frame[] =>
    id === undefined ? [] : (stacks.get(id) ?? []);

  function heldFor(resource: number, own: number, us: number): readonly number[] {
    const units = new Set(
      evidence.hold
        .filter((hold) => hold.resource === resource && hold.fromUs <= us && (hold.toUs ?? Infinity) > us)
        .flatMap(({ unit }) => (unit === undefined || unit === own ? [] : unit)),
    );
    return evidence.exchange.flatMap(({ unit }, at) =>
      unit !== undefined && units.has(unit) && times.wanted[at]! <= us && times.end[at]! > us ? at : [],
    );
  }

  return (exchange, fromUs, toUs) => {
    const { unit } = evidence.exchange[exchange]!;
    if (unit === undefined) return null;
    const overlap = (block: Block): number => Math.min(block.toUs, toUs) - Math.max(block.fromUs, fromUs);
    const block = (ofUnit.get(unit) ?? []).reduce<Block | null>(
      (most, one) => (overlap(one) > (most === null ? 0 : overlap(most)) ? one : most),
      null,
    );
    if (block === null || overlap(block) < LEAST_PART * (toUs - fromUs)) return null;
    const frames = framesOf(block.stack);
    const resource = resources.get(block.wait.resource ?? NONE) ?? null;
    const middle = (Math.max(block.fromUs, fromUs) + Math.min(block.toUs, toUs)) / 2;
    return {
      fromUs: block.fromUs,
      toUs: block.toUs,
      kind: waitOf(block, frames).kind,
      resource,
      madeAt: framesOf(resource?.setAt),
      heldFor: resource === null ? [] : heldFor(resource.id, unit, middle),
      frames,
    };
  };
}

const NONE = -1;
