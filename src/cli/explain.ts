import { Command } from 'commander';

const EXAMPLES = `
Examples:
  abreast explain                         all causes, a line each
  abreast explain blocking-call
  abreast explain --json lock`;

/** `abreast explain`: what a cause of a verdict means. */
export function explainCommand(): Command {
  return new Command('explain')
    .description(
      'say what a cause means, how it is recognized, and what to do, with a slow and a fast example',
    )
    .argument('[cause]', 'the id of a cause, as a verdict names it')
    .option('--json', 'print it as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (id: string | undefined, { json }: { readonly json?: boolean }, command: Command) => {
      const { EXAMPLES, RULES } = await import('../diagnose/index.ts');
      const rules = RULES.filter((rule) => id === undefined || rule.id === id);
      if (rules.length === 0)
        command.error(
          `error: there is no cause '${id}'${nearest(id!, RULES)}; \`abreast explain\` lists all`,
          {
            exitCode: 2,
          },
        );
      const pages = rules.map(({ find: _, ...rule }) => ({ ...rule, examples: EXAMPLES[rule.id] }));
      if (json) return console.log(JSON.stringify(id === undefined ? pages : pages[0], null, 2));
      const { causeListLines, explanationLines } = await (
        await import('../view/index.ts')
      ).loadExplanations();
      for (const line of id === undefined ? causeListLines() : explanationLines(rules[0]!)) console.log(line);
    });
}

/** The causes that share a word with what was typed. */
function nearest(id: string, rules: readonly { readonly id: string }[]): string {
  const words = id
    .toLowerCase()
    .split(/\W+/)
    .filter((word) => word.length > 2);
  const near = rules.filter((rule) => words.some((word) => rule.id.includes(word))).map((rule) => rule.id);
  return near.length === 0 ? '' : `; did you mean ${near.slice(0, 3).join(' or ')}?`;
}
