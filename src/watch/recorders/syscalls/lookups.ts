import { RIGHT_AFTER_US } from './openings.ts';
import type { Payload } from './payload.ts';

/** A look-up of a name: from its first query to its last answer, or to when it was given up. */
export interface Lookup {
  readonly pid: number;
  readonly name: string;
  readonly fromUs: number;
  /** null: no answer came. */
  toUs: number | null;
  readonly addresses: Set<string>;
  /** Queries sent and not answered, by id and type. */
  readonly open: Set<string>;
}

const KEPT = 5_000;
/** A query for the same name so much later begins another look-up: resolvers give up after 5 to 30 s. */
const SAME_US = 30_000_000;

/** The look-ups of names that were seen on the wire (RFC 1035), newest last. */
export class Lookups {
  readonly #byName = new Map<string, Lookup[]>();
  readonly #order: Lookup[] = [];

  /** One DNS message. Over TCP, `payload` may begin with its length. */
  message(pid: number, payload: Payload, atUs: number, tcp: boolean): void {
    const message = parse(payload, tcp && payload.length > 14 && looksFramed(payload) ? 2 : 0);
    if (message === null) return;
    const key = `${pid} ${message.name}`;
    const known = this.#byName.get(key)?.at(-1);
    const query = `${message.id} ${message.type}`;
    if (!message.isAnswer) {
      const goesOn =
        known !== undefined && (known.toUs === null || known.open.size > 0) && atUs - known.fromUs < SAME_US;
      const together = known !== undefined && known.toUs !== null && atUs - known.toUs < 1_000;
      const lookup = goesOn || together ? known : this.#begin(key, pid, message.name, atUs);
      lookup.open.add(query);
    } else if (known !== undefined) {
      known.open.delete(query);
      known.toUs = atUs;
      for (const address of message.addresses) known.addresses.add(address);
    }
  }

  /** A resolver that is asked through a Unix socket: systemd-resolved's, nscd's. */
  served(pid: number, name: string, fromUs: number, toUs: number): void {
    const lookup = this.#begin(`${pid} ${name}`, pid, name, fromUs);
    lookup.toUs = toUs;
  }

  /** The last look-up before `beforeUs`, of the name if it is known, else of any that gave the address. */
  find(host: string | null, ip: string, pid: number, beforeUs: number): Lookup | null {
    const named = host === null ? undefined : this.#byName.get(`${pid} ${host.toLowerCase()}`);
    const found = named?.findLast((lookup) => lookup.fromUs <= beforeUs);
    if (found !== undefined) return found;
    if (host !== null && host !== ip) return null;
    return (
      this.#order.findLast((each) => each.pid === pid && each.fromUs <= beforeUs && each.addresses.has(ip)) ??
      null
    );
  }

  /**
   * A resolver looks up the name with each ending of its search list, one right after the other: when the first of
   * these look-ups began, and how many names there were.
   */
  searched(lookup: Lookup): { readonly fromUs: number; readonly names: number } {
    let { fromUs } = lookup;
    let names = 1;
    for (const other of this.#order.toReversed()) {
      // Threads that look the name up concurrently are at different endings.
      const isBefore = other.toUs !== null && other.fromUs < fromUs && fromUs - other.toUs <= RIGHT_AFTER_US;
      if (other.pid !== lookup.pid || !other.name.startsWith(`${lookup.name}.`) || !isBefore) continue;
      fromUs = other.fromUs;
      names++;
    }
    return { fromUs, names };
  }

  #begin(key: string, pid: number, name: string, fromUs: number): Lookup {
    const lookup: Lookup = { pid, name, fromUs, toUs: null, addresses: new Set(), open: new Set() };
    const named = this.#byName.get(key);
    if (named === undefined) this.#byName.set(key, [lookup]);
    else named.push(lookup);
    this.#order.push(lookup);
    if (this.#order.length > KEPT) {
      const oldest = this.#order.shift()!;
      const oldestKey = `${oldest.pid} ${oldest.name}`;
      const left = this.#byName.get(oldestKey)!.filter((each) => each !== oldest);
      if (left.length === 0) this.#byName.delete(oldestKey);
      else this.#byName.set(oldestKey, left);
    }
    return lookup;
  }
}

interface Message {
  readonly id: number;
  readonly isAnswer: boolean;
  readonly name: string;
  readonly type: number;
  readonly addresses: readonly string[];
}

function looksFramed(payload: Payload): boolean {
  return ((payload.at(0) << 8) | payload.at(1)) === payload.length - 2;
}

/** RFC 1035 §4: header, one question, answers of type A and AAAA. null: not a message about one name. */
function parse(payload: Payload, from: number): Message | null {
  const short = (at: number): number => (payload.at(at) << 8) | payload.at(at + 1);
  if (payload.length < from + 17 || short(from + 4) !== 1) return null;
  const name = readName(payload, from, from + 12);
  if (name === null) return null;
  const question = name.end;
  const addresses: string[] = [];
  let at = question + 4;
  for (let left = short(from + 6); left > 0 && at < payload.length; left--) {
    const owner = readName(payload, from, at);
    if (owner === null) break;
    const data = owner.end + 10;
    const length = short(owner.end + 8);
    const type = short(owner.end);
    if (type === A && length === 4)
      addresses.push([0, 1, 2, 3].map((index) => payload.at(data + index)).join('.'));
    if (type === AAAA && length === 16) addresses.push(ipv6(payload, data));
    at = data + length;
  }
  return {
    id: short(from),
    isAnswer: (payload.at(from + 2) & 0x80) !== 0,
    name: name.text.toLowerCase(),
    type: short(question),
    addresses,
  };
}

const A = 1;
const AAAA = 28;

function readName(payload: Payload, message: number, from: number): { text: string; end: number } | null {
  const labels: string[] = [];
  let at = from;
  let end = -1;
  for (let jumps = 0; jumps < 64; jumps++) {
    const length = payload.at(at);
    if (length < 0) return null;
    if (length === 0) return { text: labels.join('.'), end: end < 0 ? at + 1 : end };
    if (length >= 0xc0) {
      if (end < 0) end = at + 2;
      at = message + (((length & 0x3f) << 8) | payload.at(at + 1));
    } else {
      labels.push(payload.slice(at + 1, at + 1 + length));
      at += 1 + length;
    }
  }
  return null;
}

/** RFC 5952: the longest run of zeros is left out. */
function ipv6(payload: Payload, from: number): string {
  const groups = Array.from({ length: 8 }, (_, index) =>
    ((payload.at(from + 2 * index) << 8) | payload.at(from + 2 * index + 1)).toString(16),
  );
  const runs = [...`:${groups.join(':')}:`.matchAll(/(?::0)(?=(?::0)+:|:)(?::0)*(?=:)/g)].map(
    (run) => run[0],
  );
  const longest = runs.filter((run) => run.length > 2).sort((one, other) => other.length - one.length)[0];
  if (longest === undefined) return groups.join(':');
  return `:${groups.join(':')}:`
    .replace(`${longest}:`, '::')
    .replace(/^:(?!:)/, '')
    .replace(/([^:]):$/, '$1');
}
