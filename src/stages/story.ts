import { z } from 'zod';

/**
 * What a `story.yaml` may say. A story is a folder: this file, the programs, pins and patches that it names, and
 * nothing that abreast would have to be changed for. Every path is relative to that folder.
 */

/**
 * Placeholders in `command`, `arguments`, `environment` and `pins`: `{n}` requests, all to `{url}`;
 * `{story}` the story's folder; `{runtime}` the id of the runtime. Braces around anything else are text.
 */
export type Placeholder = 'n' | 'url' | 'story' | 'runtime';

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]*$/, 'a name of small letters, digits, dots and dashes');

const inFolder = z
  .string()
  .regex(/^(?!\/)(?!.*(^|\/)\.\.(\/|$)).+$/, 'a path within the folder of the story');

const text = z.string().min(1);

const command = z.array(z.string()).min(1);

/** How a program comes out: n requests in about the time of one, or of n. */
const outcome = z.enum(['fast', 'slow']);

/** What is expected of the concurrent program: of both protocols alike, or of each. */
const expected = z.union([outcome, z.strictObject({ http: outcome, https: outcome })]);

/** An interpreter that runs the story. */
const runtime = z.strictObject({
  id,
  language: z.enum(['python', 'node']),
  /** Python versions ('3.7') that the pins of this runtime can be installed on, the first found is taken. */
  versions: z.array(z.string().regex(/^\d+\.\d+$/, "a version such as '3.7'")).default([]),
  /** If none of its versions is found, the stages that need it are skipped, with a message. */
  optional: z.boolean().default(false),
});

/** A program that sends n requests and prints the result: its last line of output is a ProgramRecord. */
const program = z.strictObject({
  /** What its column is called: 'requests'. */
  name: text,
  /** File and arguments: [program.py, requests, '{n}', '{url}']. */
  command,
});

/** What of a stage differs between runtimes. */
const run = z.strictObject({
  runtimes: z.array(id).min(1),
  /** Where a stage has several on one runtime: 'a' makes '5a' of stage 5. */
  variant: z
    .string()
    .regex(/^[a-z]$/, 'one small letter')
    .optional(),
  /** What is different in this one, for a line of text. */
  title: text.optional(),
  /** Runs only when its runtime is named with --python. */
  onlyWhenNamed: z.boolean().default(false),
  /** The requirements file of its packages, every version pinned; without one nothing is installed. */
  pins: inFolder.optional(),
  /** A patch of the story, applied to its packages. */
  patch: id.optional(),
  /** Variables of both programs. */
  environment: z.record(z.string(), z.string()).default({}),
  /** Appended to the command of both programs. */
  arguments: z.array(z.string()).default([]),
  expected,
});

const stage = z.strictObject({
  id: z.int().min(1),
  title: text,
  /** The paragraph that explains it. */
  text,
  runs: z.array(run).min(1),
});

/**
 * A look from the side: a program that runs within a stage's environment and prints for people. The run's arguments
 * (`--inject`) are appended to its command.
 */
const scene = z.strictObject({
  id,
  title: text,
  text,
  command,
  /** Whether it takes what the user typed after `--`, which is appended, too. */
  words: z.boolean().default(false),
  /** Where it needs a server, it runs for each cell; otherwise once for each environment. */
  server: z.boolean().default(true),
  /** The stage that it is shown on when none is named. */
  stage: z.int().min(1),
});

/** A change to one file of an installed package. */
const patch = z.strictObject({
  id,
  title: text,
  /** What it changes, for `abreast stages patch`. */
  text,
  /** A unified diff of one file, named relative to site-packages; the text before it has its SHA-256 before and after. */
  diff: inFolder,
});

/** A way to send requests with what a user happens to have installed; the first whose modules are there is taken. */
const way = z.strictObject({
  needs: z.array(z.string()),
  /** Said where it is not the first. */
  instead: text.optional(),
  serial: program,
  concurrent: program,
});

/** A whole story. */
export const storySchema = z.strictObject({
  id,
  title: text,
  summary: text,
  /** What is asked of the server, n times: '/delay/1'. */
  path: z.string().regex(/^\//, 'a path that begins with /'),
  runtimes: z.array(runtime).min(1),
  programs: z.strictObject({ serial: program, concurrent: program }),
  /** The defaults. */
  defaults: z.strictObject({
    stages: z.array(z.int()).min(1),
    protocols: z.array(z.enum(['http', 'https'])).min(1),
    n: z.array(z.int().min(2)).min(1),
  }),
  /** Stage 0, on the interpreters of the user, of one language, with whatever is installed there. */
  yours: z
    .strictObject({
      title: text,
      text,
      language: z.enum(['python', 'node']),
      ways: z.array(way).min(1),
    })
    .optional(),
  stages: z.array(stage).min(1),
  scenes: z.array(scene).default([]),
  patches: z.array(patch).default([]),
  /** The compose file of the same stages, and the service of a cell: 'stage{stage}-{runtime}'. */
  docker: z.strictObject({ compose: inFolder, service: text }).optional(),
});

export type Story = z.infer<typeof storySchema>;
export type Runtime = z.infer<typeof runtime>;
export type Stage = z.infer<typeof stage>;
export type StageRun = z.infer<typeof run>;
export type Program = z.infer<typeof program>;
export type Scene = z.infer<typeof scene>;
export type Way = z.infer<typeof way>;
export type Outcome = z.infer<typeof outcome>;
export type Scheme = 'http' | 'https';

/** What a story's program says of its run: one line of JSON, the last of its standard output. */
export const programRecord = z.object({
  /** The number of requests, and of those that were answered with 200. */
  n: z.int(),
  ok: z.int(),
  /** From the first call to the last answer; starting up and importing are not in it. */
  seconds: z.number(),
  /** The class of the first connection's socket and those of what it wraps, outermost first: 'gevent._ssl3.SSLSocket'. */
  socket: z.array(z.string()),
  /** The interpreter's version: '3.7.16'. */
  version: z.string(),
  /** The packages that matter here and were loaded, and their versions. */
  modules: z.record(z.string(), z.string()).default({}),
  /** What went wrong with those that were not answered, each text once. */
  errors: z.array(z.string()).default([]),
});

export type ProgramRecord = z.infer<typeof programRecord>;
