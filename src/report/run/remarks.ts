import type { Took } from '../../execute/index.ts';
import { redactUrl } from '../../trace/index.ts';
import type { Report, Request } from '../report.ts';

/** More origins, or more faults, are not told apart. */
const MOST_KEPT = 1000;
/** Faults of charsets that are told. */
const MOST_TOLD = 5;

/** Results that have something in common, and the first of them. */
interface Alike {
  count: number;
  readonly index: number;
  readonly url: string;
}

/** What results of a request have that is no error, but may not be what was meant. */
export class Remarks {
  readonly #request: Request;
  readonly #file: string;
  /** By what is wrong. */
  readonly #charsets = new Map<string, Alike>();
  /** First pages where nothing says whether there is a next one, by origin. */
  readonly #unsaid = new Map<string, Alike>();
  /** Rows with more pages than may be asked for. */
  #cut: Alike | null = null;
  /** Origins where a first page does say it: there the path is right. */
  readonly #said = new Set<string>();

  constructor(request: Request, { file }: Report) {
    this.#request = request;
    this.#file = file;
  }

  add(took: Took): void {
    if (took.charsetFault !== null) count(this.#charsets, took.charsetFault, took);
    if (took.cut) this.#cut = { ...(this.#cut ?? alikeOf(took)), count: (this.#cut?.count ?? 0) + 1 };
    if (this.#request.pages === null || took.page > 1 || took.error !== null) return;
    const origin = URL.parse(took.url)?.origin ?? '';
    if (took.unsaid) count(this.#unsaid, origin, took);
    else if (this.#said.size < MOST_KEPT) this.#said.add(origin);
  }

  notes(): readonly string[] {
    return [...this.#charsetNotes(), ...this.#cutNotes(), ...this.#pageNotes()];
  }

  #charsetNotes(): readonly string[] {
    const { name } = this.#request;
    return [...this.#charsets]
      .slice(0, MOST_TOLD)
      .map(
        ([fault, alike]) =>
          `${name}: the text of ${alike.count === 1 ? '1 answer' : `${alike.count} answers`} may not be what the server ` +
          `meant: ${fault} (${firstOf(alike)})`,
      );
  }

  #cutNotes(): readonly string[] {
    if (this.#cut === null) return [];
    const rows = this.#cut.count === 1 ? '1 row has' : `${this.#cut.count} rows have`;
    const { most } = this.#request.pages!;
    return [`${this.#at()} ${rows} more pages than 'most' allows, ${most} (${firstOf(this.#cut)})`];
  }

  #pageNotes(): readonly string[] {
    const path = pathOf(this.#request);
    const unsaid = [...this.#unsaid].filter(([origin]) => !this.#said.has(origin)).map(([, alike]) => alike);
    if (path === null || unsaid.length === 0) return [];
    const rows = unsaid.reduce((sum, { count }) => sum + count, 0);
    return [
      `${this.#at()} '${path}' finds nothing in the first page of ` +
        `${rows === 1 ? '1 row, so no further page of it was' : `${rows} rows, so no further pages of them were`} ` +
        `asked for (${firstOf(unsaid[0]!)})`,
    ];
  }

  /** Where in the file the pages are. */
  #at(): string {
    const { line, column } = this.#request.pages!.place;
    return `${this.#file}:${line}:${column}:`;
  }
}

function count(alike: Map<string, Alike>, key: string, took: Took): void {
  const known = alike.get(key);
  if (known !== undefined) known.count++;
  else if (alike.size < MOST_KEPT) alike.set(key, alikeOf(took));
}

function alikeOf({ index, url }: Took): Alike {
  return { count: 1, index, url: redactUrl(url) };
}

function firstOf({ index, url }: Alike): string {
  return `the first is of row ${index}: ${url}`;
}

/** Where in an answer is said whether there is a next page. */
function pathOf({ pages }: Request): string | null {
  if (pages === null || pages.next === 'link') return null;
  return pages.next === 'counter' ? pages.items : pages.path;
}
