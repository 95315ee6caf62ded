import { RULES, type Rule } from '../src/diagnose/index.ts';

/** The text between the two marks of docs/causes.md. */
export const GENERATED = /(?<=<!-- scripts\/causes\.ts -->\n)[\s\S]*?(?=<!-- end -->)/;

const HEADINGS = {
  wanted: 'wanted: each request was wanted only after the one before it was read',
  dispatched: 'dispatched: a slot, a permit, a worker, a lock',
  connected: 'connected: the name, the connection, the handshake',
  sent: 'sent: a thread or loop that was blocked',
  answered: 'answered: the server or a proxy',
  read: 'read: answers that were not read',
  none: 'None of these',
} as const;

/** The tables of all causes by step, which of them yields to which, and their references. */
export function causesPage(): string {
  const rules: readonly Rule[] = RULES;
  const tables = Object.entries(HEADINGS).map(([step, heading]) =>
    tableOf(
      heading,
      rules.filter((rule) => rule.step === step),
    ),
  );
  return `${[...tables, exclusionsOf(rules), referencesOf(rules)].join('\n\n')}\n\n`;
}

function tableOf(heading: string, rules: readonly Rule[]): string {
  return [
    `## ${heading}`,
    '',
    '| cause | what it means | recognized by | what to do | how sure |',
    '| --- | --- | --- | --- | --- |',
    ...rules.map(
      ({ id, means, toldFrom, fix, sure }) =>
        `| ${[`\`${id}\``, means, toldFrom, fix?.any ?? 'unknown', sure].join(' | ')} |`,
    ),
  ].join('\n');
}

function exclusionsOf(rules: readonly Rule[]): string {
  return [
    '## Where two causes explain the same',
    '',
    ...rules
      .filter(({ yieldsTo }) => yieldsTo.length > 0)
      .map(
        ({ id, yieldsTo }) =>
          `- \`${id}\` is not named beside ${yieldsTo.map((other) => `\`${other}\``).join(', ')}.`,
      ),
  ].join('\n');
}

function referencesOf(rules: readonly Rule[]): string {
  return [
    '## References',
    '',
    ...rules.flatMap(({ id, references }) =>
      references.map(
        ({ url, title, language }) =>
          `- \`${id}\`${language === undefined ? '' : ` (${language})`}: [${title.replace(/[[\]]/g, '\\$&')}](${url})`,
      ),
    ),
  ].join('\n');
}
