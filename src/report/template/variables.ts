import { didYouMean } from '../../document/index.ts';
import type { Variable } from '../report.ts';

/** The environment that a report file is read in. */
export type EnvironmentVariables = Readonly<Record<string, string | undefined>>;

/** Something wrong within a text, at an offset in UTF-16 code units. */
export interface TextFault {
  readonly offset: number;
  readonly text: string;
}

const VARIABLE = /\$\{([A-Za-z_]\w*)(?::-([^}]*))?\}/y;

/**
 * The variable that begins at `offset` of a text, with the offset after it. As in a shell, the default of
 * `${NAME:-default}` has a text for a variable that is missing or empty.
 */
export function readVariable(
  text: string,
  offset: number,
  env: EnvironmentVariables,
): { readonly variable: Variable; readonly end: number } | TextFault {
  VARIABLE.lastIndex = offset;
  const match = VARIABLE.exec(text);
  if (match === null)
    return {
      offset,
      text: "'${' begins a variable, ${NAME} or ${NAME:-default}; for the characters themselves write $${",
    };
  const [whole, name, fallback] = match as unknown as [string, string, string | undefined];
  const value = (Object.hasOwn(env, name) && env[name]) || fallback;
  if (value === undefined) return { offset, text: whyMissing(name, env) };
  return { variable: { variable: name, value }, end: offset + whole.length };
}

function whyMissing(name: string, env: EnvironmentVariables): string {
  if (env[name] === '') return `the variable ${name} is empty; if that is meant, write \${${name}:-}`;
  const meant = didYouMean(name, Object.keys(env));
  return `there is no variable ${name} in the environment; set it, or give a default: \${${name}:-...}${meant}`;
}

/** A text with its variables filled in, and their names. */
export interface Filled {
  readonly text: string;
  readonly variables: readonly string[];
  readonly faults: readonly TextFault[];
}

/** A text with its variables filled in, `$${` as `${`; what is wrong with it stays as it is. */
export function fillVariables(text: string, env: EnvironmentVariables): Filled {
  const faults: TextFault[] = [];
  const variables: string[] = [];
  let filled = '';
  for (let at = 0; at < text.length; ) {
    const found = text.startsWith('${', at) ? readVariable(text, at, env) : null;
    if (text.startsWith('$${', at)) {
      filled += '${';
      at += 3;
    } else if (found !== null && 'variable' in found) {
      filled += found.variable.value;
      variables.push(found.variable.variable);
      at = found.end;
    } else {
      if (found !== null) faults.push(found);
      filled += text[at++];
    }
  }
  return { text: filled, variables, faults };
}
