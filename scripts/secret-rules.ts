/**
 * `node scripts/secret-rules.ts`: renders src/trace/secrets/rules.ts into the language of each probe, as one of its parts.
 * Then join the probes again: `node scripts/python-probe.ts`, `node scripts/node-probe.ts`, `node scripts/ruby-probe.ts`.
 */
import { writeFileSync } from 'node:fs';
import {
  ANYWHERE,
  AT_THE_END,
  KNOWN_TOKENS,
  TOKEN_PATTERNS,
  WHOLE,
  WHOLE_IN_URLS,
} from '../src/trace/secrets/rules.ts';

const RECORDERS = new URL('../src/watch/recorders/', import.meta.url);
const TITLE =
  'Which names and which tokens are credentials. Made of src/trace/secrets/rules.ts by scripts/secret-rules.ts.';
/** Formatted as biome.json has it. */
const LINE = 111;
const WORDS = {
  SECRET_ANYWHERE: ANYWHERE,
  SECRET_AT_THE_END: AT_THE_END,
  SECRET_WHOLE: WHOLE,
  SECRET_WHOLE_IN_URLS: WHOLE_IN_URLS,
};

/** The parts that have the rules, and what they have to be. */
export const RENDERED: readonly { readonly part: URL; readonly text: () => string }[] = [
  { part: new URL('python/probe-parts/core/secret_rules.py', RECORDERS), text: inPython },
  { part: new URL('node/probe/secret-rules.cjs', RECORDERS), text: inJavaScript },
  { part: new URL('ruby/probe/secret_rules.rb', RECORDERS), text: inRuby },
];

/** Tuples. A token is how it begins, what follows, and how much of that at least. */
function inPython(): string {
  const tokens = KNOWN_TOKENS.flatMap(({ begins, letters, least }) =>
    begins.map((begin) => `(${quoted(begin)}, ${quoted(letters)}, ${least})`),
  );
  const all = Object.entries(WORDS).map(([name, words]) => [name, words.map(quoted)] as const);
  const tuples = [...all, ['SECRET_TOKENS', tokens] as const].map(
    ([name, items]) =>
      `${name} = (\n${filled(items, ', ')
        .map((line) => `    ${line},\n`)
        .join('')})\n`,
  );
  return `# ${TITLE}\n\n${tuples.join('')}`;
}

function inJavaScript(): string {
  const patterns = alternatives().map(([name, strings]) => {
    const short = `const ${name} = ${strings[0]};\n`;
    if (strings.length === 1) return short.length <= LINE ? short : short.replace('= ', '=\n  ');
    return `const ${name} = [\n${strings.map((line) => `  ${line},\n`).join('')}].join('|');\n`;
  });
  return `// ${TITLE}\n\n${patterns.join('')}`;
}

function inRuby(): string {
  const patterns = alternatives().map(
    ([name, strings]) => `  ${name} = [\n${strings.map((line) => `    ${line},\n`).join('')}  ].join('|')\n`,
  );
  return `# ${TITLE}\n\nmodule AbreastProbe\n${patterns.join('')}end\n`;
}

/** Alternatives of regular expressions, as quoted strings that JavaScript and Ruby read alike. */
function alternatives(): readonly (readonly [name: string, strings: readonly string[]])[] {
  return Object.entries({ ...WORDS, SECRET_TOKENS: TOKEN_PATTERNS }).map(([name, words]) => [
    name,
    filled(words, '|').map((line) => quoted(line.replaceAll('\\', '\\\\'))),
  ]);
}

const quoted = (text: string): string => `'${text}'`;

/** Items on lines of at most 105 letters. */
function filled(items: readonly string[], between: string): string[] {
  const lines: string[] = [];
  for (const item of items) {
    const longer = lines.length > 0 ? `${lines.at(-1)}${between}${item}` : item;
    if (lines.length === 0 || longer.length > 105) lines.push(item);
    else lines[lines.length - 1] = longer;
  }
  return lines;
}

if (import.meta.main) for (const { part, text } of RENDERED) writeFileSync(part, text());
