import type { Readable } from 'node:stream';
import type { Exchange, TraceRecord } from '../../trace/index.ts';
import type { Part } from '../merge/part.ts';

/**
 * A way to record a program. `watch`, `doctor`, `kit` and what is said of the unseen loop over the list of them
 * (list.ts): a new one is a folder beside this file, and its name in that list.
 */
export interface ProgramRecorder {
  /** As traces have it, and `--no-NAME`: 'syscalls', 'python'. */
  readonly name: string;
  /** Takes part in a run: finds out whether it can, and says what it adds to the program. */
  begin(invocation: Invocation, run: WatchedRun): RecorderSession;
  /** What it can and can't record on this machine, found by trying it. */
  examine(environment: NodeJS.ProcessEnv): readonly Finding[];
  /** What it loads into each process of a language; absent for one that looks from outside. */
  readonly probe?: Probe;
}

/** A command, and the environment it runs in. */
export interface Invocation {
  readonly command: readonly string[];
  readonly environment: NodeJS.ProcessEnv;
  /** Absent: the working folder of abreast. */
  readonly cwd?: string | undefined;
}

/** What recorders have to know of a run. */
export interface WatchedRun {
  /** Recorders write into it, and it is removed in the end. Each `.jsonl` file in it is read as a trace of a process. */
  readonly folder: string;
  /** The file that the command's first word names. */
  readonly file: string;
  /** The Unix time, in microseconds, that the times of the run are relative to. */
  readonly startedUs: number;
  /** URLs stay as they are, credentials too. */
  readonly keepUrls: boolean;
  /** Is told what a recorder sees as soon as it sees it. */
  readonly listener?: Listener | undefined;
}

/** Follows a program while it runs. */
export interface Listener {
  /** A request was sent; nothing is known of its end. */
  sent(exchange: Exchange): void;
  /** What was sent on a connection were no requests. */
  forgotten(connection: number): void;
  record(record: TraceRecord): void;
}

/** A recorder's part in one run. */
export interface RecorderSession {
  /** The command and its environment, with what the recorder adds to them. */
  readonly invocation: Invocation;
  /** What hinders it here, with what would allow it. It is told if the recorder has written nothing in the end. */
  readonly hindrance?: string | undefined;
  /** Starts the program, for a recorder that has to be around it: one of the list at most. */
  readonly launch?: Launcher;
  /** What it saw from outside; asked when the program has ended. Its `recorder.sees` says what it is able to see. */
  readonly part?: () => Part;
}

export type Launcher = (invocation: Invocation, stdio: Stdio) => Launched;

/** As for spawn(). */
export type Stdio = 'inherit' | readonly ('inherit' | 'pipe' | 'ignore' | number)[];

/** A program under way. */
export interface Launched {
  /** Of what was started: the program, or the recorder around it. */
  readonly pid: number | undefined;
  /** Its output and its errors, where they are pipes. */
  readonly stdout?: Readable | null;
  readonly stderr?: Readable | null;
  /** The program has ended, and the recorder around it knows all. Rejects when it could not be started. */
  readonly done: Promise<Exit>;
  /** Sends a signal to the program itself. */
  signal(name: NodeJS.Signals): void;
  /** Sends a signal to the program and all that it started, as a terminal would. */
  signalAll(name: NodeJS.Signals): void;
}

export interface Exit {
  readonly exitCode: number | null;
  /** The one that ended it. */
  readonly signal: NodeJS.Signals | null;
}

/** One file that records the process that it is loaded into, and writes a trace of its own where ABREAST_TRACE says. */
export interface Probe {
  /** As people call it: 'Python'. */
  readonly language: string;
  /** The versions that it records, for people: '2.7, 3.6 to 3.14'. */
  readonly versions: string;
  /** The file. It needs nothing beside itself. */
  readonly file: string;
  /** Whether a process that was started so runs this language. */
  fits(argv: readonly string[]): boolean;
  /** The variables that load it from a file, with what the user has set in them. */
  variables(file: string, environment: NodeJS.ProcessEnv): Readonly<Record<string, string>>;
  /** Why a process that was started so does not load it, and what to do; undefined where nothing in it says so. */
  hindrance(argv: readonly string[]): string | undefined;
  /** What may have kept it out of a process whose arguments do not say why. */
  readonly keptOutBy: string;
  /** The modules whose requests it sees; absent where it sees those of any. */
  readonly modules?: string;
  /** For the kit: how a program is run, and what to know. */
  readonly example: string;
  readonly remark?: string;
  examine(environment: NodeJS.ProcessEnv): readonly Finding[];
}

/** One thing that can, or can't, be recorded here. */
export interface Finding {
  readonly what: string;
  /** null: it depends, as the text says. */
  readonly good: boolean | null;
  readonly text: string;
}
