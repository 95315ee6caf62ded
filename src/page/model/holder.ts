import {
  type Evidence,
  isHolding,
  type SocketOwner,
  socketClassOf,
  socketOwner,
  threadOf,
} from '../../diagnose/browser.ts';
import type { Block, Environment, Exchange, Frame, Patch, Wait } from '../../trace/browser.ts';
import type { TimeColumns } from './times.ts';

/** What held a thread while others waited for it. */
export interface Holder {
  readonly fromUs: number;
  readonly toUs: number;
  readonly wait: Wait;
  /** The place of the exchange that it was done for; null where nobody saw that, or it was done for none. */
  readonly exchange: number | null;
  /** Where the thread was, leaf first; none where no recorder saw it. */
  readonly frames: readonly Frame[];
  /** The class of the socket that it waited for. */
  readonly socketClass: string | null;
  /** The module that put this class there. */
  readonly owner: SocketOwner | null;
  /** The patch that would have made the call yield, had it replaced it. */
  readonly left: Patch | null;
}

/** Finds what held the thread of an exchange between two moments, in order of time. */
export type HoldersIn = (exchange: number, fromUs: number, toUs: number) => readonly Holder[];

/** Prepares to tell what held threads. */
export function holderFinder(evidence: Evidence, times: TimeColumns): HoldersIn {
  const { exchange: exchanges } = evidence;
  const blocksOfThread = Map.groupBy(
    evidence.block.filter((block) => block.thread !== undefined && isHolding(block)),
    threadOf,
  );
  const connections = new Map(evidence.connection.map((connection) => [connection.id, connection]));
  const stacks = new Map(evidence.stack.map((stack) => [stack.id, stack.frames]));
  const environments = new Map(evidence.environment.map((environment) => [environment.pid, environment]));
  const places = [...exchanges.keys()];
  const ofConnection = Map.groupBy(places, (at) => exchanges[at]!.connection ?? NONE);
  const ofUnit = Map.groupBy(places, (at) => exchanges[at]!.unit ?? NONE);

  function doneFor({ fromUs, toUs, wait, unit }: Block): number | null {
    const [connection] = wait.connections ?? [];
    const overlaps = (at: number) => times.dispatched[at]! <= toUs && times.end[at]! >= fromUs;
    if (connection !== undefined) return ofConnection.get(connection)?.findLast(overlaps) ?? null;
    return unit === undefined ? null : (ofUnit.get(unit)?.findLast(overlaps) ?? null);
  }

  function holder(blocks: readonly Block[]): Holder {
    const [first] = blocks;
    const known = blocks.find(({ stack }) => stack !== undefined);
    const frames = stacks.get(known?.stack ?? NONE) ?? [];
    const connection = connections.get(first!.wait.connections?.[0] ?? NONE);
    const socketClass =
      connection?.socketClass ?? socketClassOf(frames.flatMap(({ self }) => self ?? [])) ?? null;
    const environment = environments.get(first!.pid);
    return {
      fromUs: Math.min(...blocks.map(({ fromUs }) => fromUs)),
      toUs: Math.max(...blocks.map(({ toUs }) => toUs)),
      wait: first!.wait,
      exchange: doneFor(first!),
      frames,
      socketClass,
      owner: (socketClass !== null && environment && socketOwner(socketClass, environment)) || null,
      left: leftAlone(environment, first!.wait.call),
    };
  }

  return (exchange, fromUs, toUs) => {
    const own = exchanges[exchange]!;
    if (own.thread === undefined) return [];
    const within = (blocksOfThread.get(threadOf(own)) ?? []).filter(
      (block) => block.fromUs < toUs && block.toUs > fromUs,
    );
    const others = within.filter(({ wait }) => !isFor(own, wait));
    return seenTogether(others.length > 0 ? others : within).map(holder);
  };
}

const NONE = -1;

function isFor({ connection }: Exchange, { connections }: Wait): boolean {
  return typeof connection === 'number' && connections?.length === 1 && connections[0] === connection;
}

/** Blocks that are one: two recorders saw it, or samples of it follow each other. */
function seenTogether(blocks: readonly Block[]): readonly (readonly Block[])[] {
  const groups: { readonly key: string; readonly blocks: Block[]; toUs: number }[] = [];
  for (const block of blocks.toSorted((a, b) => a.fromUs - b.fromUs)) {
    const key = `${block.wait.call} ${block.wait.connections?.join() ?? ''}`;
    const same = groups.findLast((group) => group.key === key && group.toUs >= block.fromUs);
    if (same === undefined) groups.push({ key, blocks: [block], toUs: block.toUs });
    else {
      same.blocks.push(block);
      same.toUs = Math.max(same.toUs, block.toUs);
    }
  }
  return groups.map((group) => group.blocks);
}

function leftAlone(environment: Environment | undefined, call: string): Patch | null {
  const isLeft = ({ left = [] }: Patch): boolean => left.some((name) => name.endsWith(`.${call}`));
  return environment?.patches?.find(isLeft) ?? null;
}

/** The one of several that held the thread at a moment, or the nearest to it. */
export function holderAt(holders: readonly Holder[], us: number): Holder | null {
  const distance = ({ fromUs, toUs }: Holder): number => Math.max(fromUs - us, us - toUs, 0);
  const lasted = ({ fromUs, toUs }: Holder): number => toUs - fromUs;
  return holders.toSorted((a, b) => distance(a) - distance(b) || lasted(b) - lasted(a))[0] ?? null;
}
