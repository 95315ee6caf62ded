import { Command } from 'commander';

const EXAMPLES = `
Examples:
  abreast doctor
  abreast doctor --json`;

/** `abreast doctor`: what can be recorded here. */
export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say what can be recorded on this machine, and how to enable the rest')
    .option('--json', 'print the findings as JSON')
    .addHelpText('after', EXAMPLES)
    .action(async (flags: { readonly json?: boolean }) => {
      const [{ examine }, { findingLines }] = await Promise.all([
        import('../watch/index.ts'),
        import('../view/index.ts'),
      ]);
      const findings = examine();
      if (flags.json) console.log(JSON.stringify(findings, null, 2));
      else for (const line of findingLines(findings)) console.log(line);
    });
}
