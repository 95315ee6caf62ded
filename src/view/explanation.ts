import { EXAMPLES, HELD_UP, RULES, type Rule } from '../diagnose/index.ts';
import { paint } from './paint.ts';
import { WIDTH, wrap } from './wrap.ts';

const LANGUAGES: Readonly<Record<string, string>> = { python: 'Python', node: 'Node', ruby: 'Ruby' };

/** A cause's page: what it means, how it is recognized, a slow and a fast example, what to do, references. */
export function explanationLines(rule: Rule): readonly string[] {
  const { id, step, means, toldFrom, sure, fix, references } = rule;
  const examples = EXAMPLES[id as keyof typeof EXAMPLES];
  return [
    paint('strong', id),
    ...indented(sentence(means)),
    ...(step === 'none' ? [] : indented(`It delays requests at the step \`${step}\`. ${HELD_UP[step]}.`)),
    ...section('How it is recognized', [
      ...indented(sentence(toldFrom)),
      ...indented(`Confidence: ${sure}.`),
    ]),
    ...examples.flatMap(({ language, slow, fast }) => [
      ...section(`Slow, in ${language}`, code(slow)),
      ...section(`Fast, in ${language}`, code(fast)),
    ]),
    ...(fix === null ? [] : section('What to do', fixLines(fix))),
    ...(references.length === 0
      ? []
      : section(
          'See also',
          references.flatMap(({ url, title }) => [`  ${url}`, ...indented(`  ${title}`)]),
        )),
  ];
}

/** All causes, by the step that they delay, a line each. */
export function causeListLines(): readonly string[] {
  const width = Math.max(...RULES.map(({ id }) => id.length)) + 2;
  return [...Map.groupBy(RULES as readonly Rule[], ({ step }) => step)].flatMap(([step, rules], place) => [
    ...(place === 0 ? [] : ['']),
    paint('strong', step === 'none' ? 'any step' : step),
    ...rules.flatMap(({ id, means }) =>
      wrap(means, WIDTH - width - 2).map((line, at) => `  ${(at === 0 ? id : '').padEnd(width)}${line}`),
    ),
  ]);
}

function fixLines({ any, ...languages }: NonNullable<Rule['fix']>): readonly string[] {
  const others = Object.entries(languages);
  return [
    ...indented(any),
    ...others.flatMap(([language, text]) => indented(`${LANGUAGES[language]}: ${text}`)),
  ];
}

function section(title: string, lines: readonly string[]): readonly string[] {
  return ['', paint('strong', title), ...lines];
}

function indented(text: string): readonly string[] {
  return wrap(text, WIDTH - 2).map((line) => `  ${line}`);
}

function code(text: string): readonly string[] {
  return text.split('\n').map((line) => (line === '' ? '' : `    ${line}`));
}

/** A name that is written in its own way, as pyOpenSSL, keeps it. */
function sentence(text: string): string {
  const [word = ''] = text.split(' ', 1);
  return /[A-Z]/.test(word) ? `${text}.` : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}
