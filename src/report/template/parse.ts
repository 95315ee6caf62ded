import type { Place } from '../../document/index.ts';
import type { Hole, Part, Template } from '../report.ts';
import { filterFault } from './filters.ts';
import { type EnvironmentVariables, readVariable, type TextFault } from './variables.ts';

/** A text as a template, and what is wrong with it; with faults the template is not to be used. */
export function parseTemplate(
  text: string,
  place: Place,
  env: EnvironmentVariables,
): { readonly template: Template; readonly faults: readonly TextFault[] } {
  const parser = new Parser(text, env);
  return { template: { place, text, parts: parser.parts(false) }, faults: parser.faults };
}

/** Every hole of a template, those within others too. */
export function* holesOf(parts: readonly Part[]): Generator<Hole> {
  for (const part of parts) {
    if (typeof part === 'string' || 'variable' in part) continue;
    yield part;
    yield* holesOf(part.whenThere ?? []);
    yield* holesOf(part.fallback ?? []);
  }
}

/** Every variable of a template. */
export function* variablesOf(parts: readonly Part[]): Generator<{ variable: string; value: string }> {
  for (const part of parts) {
    if (typeof part === 'string') continue;
    if ('variable' in part) yield part;
    else yield* variablesOf([...(part.whenThere ?? []), ...(part.fallback ?? [])]);
  }
}

/** Recursive descent, from left to right. */
class Parser {
  readonly faults: TextFault[] = [];
  readonly #text: string;
  readonly #env: EnvironmentVariables;
  #at = 0;

  constructor(text: string, env: EnvironmentVariables) {
    this.#text = text;
    this.#env = env;
  }

  /** Parts up to the end of the text or, within a hole, up to its '}}', which is left to be read. */
  parts(withinHole: boolean): Part[] {
    const parts: Part[] = [];
    let constant = '';
    const push = (part: Part) => {
      if (constant !== '') parts.push(constant);
      constant = '';
      parts.push(part);
    };
    while (this.#at < this.#text.length) {
      if (withinHole && this.#is('}}')) break;
      if (this.#is('$${')) {
        constant += '${';
        this.#at += 3;
      } else if (this.#is('${')) {
        const variable = this.#variable();
        if (variable !== null) push(variable);
      } else if (this.#is('{{')) push(this.#hole());
      else constant += this.#text[this.#at++];
    }
    if (constant !== '') parts.push(constant);
    return parts;
  }

  #variable(): Part | null {
    const found = readVariable(this.#text, this.#at, this.#env);
    if ('variable' in found) {
      this.#at = found.end;
      return found.variable;
    }
    this.faults.push(found);
    // What looks like a variable is passed over as one, so that it is told once.
    const close = this.#text.indexOf('}', this.#at);
    this.#at = close === -1 ? this.#at + 2 : close + 1;
    return null;
  }

  #hole(): Hole {
    const offset = this.#at;
    this.#at += 2;
    const conditional = this.#is('?');
    if (conditional) this.#at++;
    const column = this.#column(conditional ? /[:{}]/g : /[|{}]/g).trim();
    if (column === '')
      this.#fault(offset, `'{{' begins a column: {{column}}, {{column|default}} or {{?column:text}}`);
    let inner: Part[] | null = null;
    if (this.#is(conditional ? ':' : '|')) {
      this.#at++;
      inner = this.parts(true);
    } else if (conditional && column !== '')
      this.#fault(offset, `'{{?${column}' needs a text to use when ${column} does: {{?${column}:text}}`);
    const [only, ...others] = conditional ? [] : (inner ?? []);
    const filter = typeof only === 'string' && others.length === 0 ? filterFault(column, only) : null;
    if (filter !== null) this.#fault(offset, filter);
    if (this.#is('}}')) this.#at += 2;
    else if (column !== '')
      this.#fault(offset, `'{{${conditional ? '?' : ''}${column}' is not closed by '}}'`);
    return {
      column,
      offset,
      fallback: conditional ? [] : inner,
      whenThere: conditional ? (inner ?? []) : null,
    };
  }

  /** The text before the next character of `end`. */
  #column(end: RegExp): string {
    end.lastIndex = this.#at;
    const from = this.#at;
    this.#at = end.exec(this.#text)?.index ?? this.#text.length;
    return this.#text.slice(from, this.#at);
  }

  #is(mark: string): boolean {
    return this.#text.startsWith(mark, this.#at);
  }

  #fault(offset: number, text: string): void {
    if (this.faults.at(-1)?.offset !== offset) this.faults.push({ offset, text });
  }
}
