import { type Command, Option } from 'commander';

/** What users of hey and curl type by habit, and what abreast has for it. */
const HABITS: Readonly<Record<string, string>> = {
  '-z': "hey's -z runs for a time; abreast GETs a number: -n 10000. `timeout 10s abreast get ...` stops early, in order.",
  '-d': 'abreast only GETs, so there is no request body: leave -d out, or put its values in the URL.',
  '-X': 'abreast only GETs: leave -X out.',
  '-m': 'abreast only GETs, so it has no method; for a time limit there is --timeout 20s.',
  '-t': 'a time limit is --timeout 20s, with its unit.',
  '-s': 'to be silent there is -q; what -s hides in curl is --progress none.',
  '-L': 'redirects are followed as they are: leave -L out. --max-redirs 0 stops it.',
  '-i': "the answer's headers are in every result line: leave -i out.",
};

/** Answers each of these habits with a sentence instead of 'unknown option'. */
export function refuseHabits(command: Command): void {
  for (const [flag, sentence] of Object.entries(HABITS)) {
    const refuse = () => command.error(`error: ${flag}: ${sentence}`, { exitCode: 2 });
    command.addOption(new Option(`${flag} [value]`).hideHelp().argParser(refuse));
    command.on(`option:${flag.slice(1)}`, refuse);
  }
}
