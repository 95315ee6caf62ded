/**
 * `node scripts/secret-rules.ts`: renders src/trace/secrets/rules.ts into the language of each probe, as one of its parts.
 * After it the probes are joined anew: `node scripts/python-probe.ts`.
 */
import { writeFileSync } from 'node:fs';
import { ANYWHERE, AT_THE_END, KNOWN_TOKENS, WHOLE, WHOLE_IN_URLS } from '../src/trace/secrets/rules.ts';

const RECORDERS = new URL('../src/watch/recorders/', import.meta.url);

const WORDS = {
  SECRET_ANYWHERE: ANYWHERE,
  SECRET_AT_THE_END: AT_THE_END,
  SECRET_WHOLE: WHOLE,
  SECRET_WHOLE_IN_URLS: WHOLE_IN_URLS,
};

/** The parts that have the rules, and what they have to be. */
export const RENDERED: readonly { readonly part: URL; readonly text: () => string }[] = [
  { part: new URL('python/probe/core/secret_rules.py', RECORDERS), text: inPython },
];

function inPython(): string {
  const words = Object.entries(WORDS).map(([name, all]) => `${name} = (\n${lines(all.map(quoted))}\n)\n`);
  const tokens = KNOWN_TOKENS.flatMap(({ begins, letters, least }) =>
    begins.map((begin) => `(${quoted(begin)}, ${quoted(letters)}, ${least})`),
  );
  return `# Which names and which tokens are credentials. Made of src/trace/secrets/rules.ts by scripts/secret-rules.ts.

${words.join('')}# How a token begins, what follows, and how much of that at least.
SECRET_TOKENS = (
${lines(tokens)}
)
`;
}

const quoted = (text: string): string => `'${text}'`;

/** Items with commas, on lines of at most 110 letters. */
function lines(items: readonly string[], indent = '    '): string {
  const found = [`${indent}${items[0]},`];
  for (const item of items.slice(1)) {
    const longer = `${found.at(-1)} ${item},`;
    if (longer.length > 110) found.push(`${indent}${item},`);
    else found[found.length - 1] = longer;
  }
  return found.join('\n');
}

if (import.meta.main) for (const { part, text } of RENDERED) writeFileSync(part, text());
