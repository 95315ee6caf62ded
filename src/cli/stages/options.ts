import { Argument, Command, InvalidArgumentError, Option } from 'commander';
import type { PatchVerb, Scheme } from '../../stages/index.ts';
import { positive } from '../get/values.ts';
import { path } from '../path.ts';

/** What a user typed after `abreast stages`. */
export interface StagesFlags {
  readonly story: string;
  readonly python?: readonly string[];
  readonly proto?: readonly Scheme[];
  readonly n?: readonly number[];
  readonly url?: URL;
  readonly local?: boolean;
  readonly docker?: boolean;
  readonly offline?: boolean;
  readonly jobs?: number;
  readonly scene: readonly string[];
  readonly profile?: boolean;
  readonly traceCalls?: boolean;
  readonly socketClass?: boolean;
  readonly html?: string;
  readonly json?: boolean;
  readonly list?: boolean;
}

/** What a user typed after `abreast stages prepare`. */
export type PrepareFlags = Pick<StagesFlags, 'story' | 'python' | 'docker' | 'json'>;

/** What a user typed after `abreast stages patch VERB`. */
export type PatchFlags = Pick<StagesFlags, 'story' | 'python' | 'json'>;

type Action = (...given: unknown[]) => Promise<void>;

/** What the words do. */
export interface StagesActions {
  readonly tell: Action;
  readonly prepare: Action;
  readonly patch: Action;
}

const DEFAULT_STORY = 'grequests';

/** The serial program takes a second for each request, so more would take too long. */
const MOST_REQUESTS = 100;

const EXAMPLES = `
Examples:
  abreast stages                        stages 1 and 2: fast, then slow, and why
  abreast stages prepare                download what the stages need, once
  abreast stages all                    1 to 5
  abreast stages 0                      your own Pythons, unchanged
  abreast stages --story node           needs only Node
  abreast stages 2 --python 3.7 -n 10 --profile --trace-calls -- --depth 12
  abreast stages --scene monkey-patching
  abreast stages patch status --python venv/bin/python
  abreast stages --list                 stories, their stages and scenes`;

/** The command line of stages. */
export function stagesDefinition(actions: StagesActions): Command {
  return new Command('stages')
    .description('run a story live: one program that is fast or slow depending on what is installed, and why')
    .enablePositionalOptions()
    .argument('[stage...]', '0 to 5, 1-3, or all; arguments after -- go to the scenes')
    .addOption(story())
    .addOption(pythons())
    .addOption(new Option('--proto <list>', 'http, https, or http,https').argParser(protocols))
    .addOption(new Option('-n <list>', 'how many requests: 5, or 3,5,10').argParser(numbers))
    .addOption(new Option('--url <url>', 'use this server instead of one of our own').argParser(url))
    .addOption(new Option('--local', 'on this machine (default)').conflicts('docker'))
    .addOption(docker())
    .option('--offline', 'download nothing; run stages prepare before')
    .option(
      '-j, --jobs <n>',
      'programs at the same time (default: 4 per core, which does not change their times)',
      positive,
    )
    .addOption(
      new Option('--scene <id>', 'also show this scene of the story; may be repeated')
        .argParser(collect)
        .default([], 'none'),
    )
    .option('--profile', '--scene profile: where the time was spent')
    .option('--trace-calls', '--scene trace-calls: the calls down to the wait (-- --depth N --filter TEXT)')
    .option('--socket-class', '--scene socket-class: the classes of the connections')
    .option('--html <file>', 'watch every cell, and write a page of a slow run beside a fast one', path())
    .option('--json', 'print the results as JSON')
    .option('--list', 'print the stories, their stages and scenes')
    .addHelpText('after', EXAMPLES)
    .action(actions.tell)
    .addCommand(within(prepareDefinition(actions)))
    .addCommand(within(patchDefinition(actions)));
}

/** As the program sets it up for its own commands, which these are not. */
function within(command: Command): Command {
  return command.configureHelp({ helpWidth: 80 }).exitOverride();
}

function prepareDefinition({ prepare }: StagesActions): Command {
  return new Command('prepare')
    .description('download everything that the stages of a story need, so that --offline works')
    .addOption(story())
    .addOption(pythons())
    .addOption(docker())
    .option('--json', 'print what was prepared as JSON')
    .action(prepare);
}

const VERBS: readonly PatchVerb[] = ['apply', 'revert', 'status'];

function patchDefinition({ patch }: StagesActions): Command {
  return new Command('patch')
    .description("apply the story's patch to the packages of a Python, revert it, or show its status")
    .addArgument(new Argument('<verb>').choices(VERBS))
    .addOption(story())
    .addOption(pythons())
    .option('--json', 'print the state as JSON')
    .action(patch);
}

function story(): Option {
  return new Option('--story <name>', 'a story of abreast, or the folder of your own').default(DEFAULT_STORY);
}

function pythons(): Option {
  return new Option('--python <list>', 'versions or paths: 2.7,3.7 or 3.7=/opt/py/bin/python').argParser(
    list,
  );
}

function docker(): Option {
  return new Option('--docker', "in the story's containers, by docker compose");
}

function list(text: string): string[] {
  const items = text.split(',').map((item) => item.trim());
  if (items.includes('')) throw new InvalidArgumentError('It is a list with commas between: 2.7,3.7.');
  return items;
}

function protocols(text: string): Scheme[] {
  return list(text).map((item) => {
    if (item === 'http' || item === 'https') return item;
    throw new InvalidArgumentError('It is http, https, or http,https.');
  });
}

function numbers(text: string): number[] {
  return list(text).map((item) => {
    const number = Number(item);
    if (/^\d+$/.test(item) && number >= 2 && number <= MOST_REQUESTS) return number;
    throw new InvalidArgumentError(
      `It is a number of requests from 2 (one has nothing to wait for) to ${MOST_REQUESTS}, or several: 3,5,10.`,
    );
  });
}

function url(text: string): URL {
  const parsed = URL.canParse(text) ? new URL(text) : null;
  if (parsed !== null && /^https?:$/.test(parsed.protocol)) return parsed;
  throw new InvalidArgumentError('It is the URL of a server: https://127.0.0.1:8443.');
}

function collect(text: string, before: readonly string[]): readonly string[] {
  return [...before, text];
}
