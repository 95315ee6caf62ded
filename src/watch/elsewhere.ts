import { basename } from 'node:path';
import { kitVariables } from './kit.ts';

/** Why a command's program can't be watched from here, and the commands that record it where it runs. */
export interface Elsewhere {
  readonly why: string;
  readonly commands: readonly string[];
}

const KIT = 'abreast-kit';
const WRITE_KIT = `abreast watch --kit ${KIT}`;

/** For commands that start their program outside of their own children; null for all others. */
export function elsewhere(command: readonly string[]): Elsewhere | null {
  const name = basename(command[0] ?? '');
  switch (name) {
    case 'docker':
    case 'podman':
    case 'docker-compose':
      return inContainer(name, command);
    case 'kubectl':
      return inPod(command);
    case 'ssh':
      return onHost(command);
    case 'sudo':
    case 'doas':
      return {
        why: `${name} runs the program as another user, who may not be traced, with an environment of its own`,
        commands: [`${name} abreast watch -- ${quoted(afterOptions(command.slice(1), SUDO_VALUES))}`],
      };
    default:
      return null;
  }
}

/** The mount and the variables come right after `run`; a container that runs already is given files by `cp`. */
function inContainer(name: string, command: readonly string[]): Elsewhere | null {
  const verb = command.findIndex((word, at) => at > 0 && (word === 'run' || word === 'exec'));
  if (verb === -1) return null;
  const why = `what ${name} starts is a child of its daemon or its monitor, not of this command`;
  const before = quoted(command.slice(0, verb + 1));
  const rest = quoted(command.slice(verb + 1));
  const traces = '/tmp/abreast-%p.jsonl';
  if (command[verb] === 'run') {
    const mounts = `-v "$PWD/${KIT}:/abreast:ro" -v "$PWD/traces:/traces"`;
    const set = variables('-e ', '/abreast', '/traces/%p.jsonl');
    return {
      why,
      commands: [
        WRITE_KIT,
        `mkdir -p traces && ${before} ${mounts} ${set} ${rest}`,
        'abreast judge traces/*.jsonl',
        '# with abreast and strace in the image, its system calls too: --cap-add SYS_PTRACE',
      ],
    };
  }
  const container = quoted(afterOptions(command.slice(verb + 1), EXEC_VALUES).slice(0, 1));
  return {
    why,
    commands: [
      WRITE_KIT,
      `${name} cp ${KIT} ${container}:/tmp/abreast`,
      `${before} ${variables('-e ', '/tmp/abreast', traces)} ${rest}`,
      `${name} exec ${container} sh -c 'tar c /tmp/abreast-*.jsonl' | tar x --strip-components=1`,
      'abreast judge abreast-*.jsonl',
    ],
  };
}

function inPod(command: readonly string[]): Elsewhere | null {
  const verb = command.indexOf('exec');
  if (verb === -1) return null;
  const end = command.indexOf('--');
  const own = end === -1 ? command : command.slice(0, end);
  const pod = afterOptions(own.slice(verb + 1), POD_VALUES)[0] ?? 'POD';
  const program =
    end === -1 ? afterOptions(own.slice(verb + 1), POD_VALUES).slice(1) : command.slice(end + 1);
  const before = quoted(end === -1 ? own.slice(0, own.indexOf(pod) + 1) : own);
  const set = variables('', '/tmp/abreast', '/tmp/abreast-%p.jsonl');
  return {
    why: 'what kubectl starts is a child of the container, not of this command',
    commands: [
      WRITE_KIT,
      `kubectl cp ${KIT} ${quoted([pod])}:/tmp/abreast`,
      `${before} -- env ${set} ${quoted(program)}`,
      `${before} -- sh -c 'tar c /tmp/abreast-*.jsonl' | tar x --strip-components=1`,
      'abreast judge abreast-*.jsonl',
    ],
  };
}

function onHost(command: readonly string[]): Elsewhere {
  const [host = 'HOST', ...program] = afterOptions(command.slice(1), SSH_VALUES);
  const before = quoted(command.slice(0, command.indexOf(host) + 1));
  const set = variables('', `/tmp/${KIT}`, '/tmp/abreast-%p.jsonl');
  return {
    why: 'what ssh starts runs on another machine',
    commands: [
      WRITE_KIT,
      `scp -r ${KIT} ${quoted([host])}:/tmp/`,
      `${before} ${quoted([`env ${set} ${program.join(' ')}`])}`,
      `scp '${host}:/tmp/abreast-*.jsonl' .`,
      'abreast judge abreast-*.jsonl',
    ],
  };
}

function variables(flag: string, folder: string, trace: string): string {
  return kitVariables(folder, trace)
    .map((variable) => `${flag}${quoted([variable])}`)
    .join(' ');
}

/** Options of which the next word is the value. */
const EXEC_VALUES = /^(-e|--env|--env-file|-w|--workdir|-u|--user|--detach-keys)$/;
const POD_VALUES = /^(-n|--namespace|-c|--container|--context|--kubeconfig|-s|--server)$/;
const SSH_VALUES = /^-[BbcDEeFIiJLlmOopQRSWw]$/;
const SUDO_VALUES = /^-[CDghpRTUu]$/;

function afterOptions(words: readonly string[], values: RegExp): readonly string[] {
  let at = 0;
  while (at < words.length && words[at]!.startsWith('-')) {
    if (words[at] === '--') return words.slice(at + 1);
    at += values.test(words[at]!) ? 2 : 1;
  }
  return words.slice(at);
}

/** As a shell takes them. */
function quoted(words: readonly string[]): string {
  return words
    .map((word) => (/^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`))
    .join(' ');
}
