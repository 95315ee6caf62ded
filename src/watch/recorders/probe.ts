import { join } from 'node:path';
import type { Probe, ProgramRecorder } from './recorder.ts';

/** The recorder that loads a probe into every process of its language. */
export function probeRecorder(name: string, probe: Probe): ProgramRecorder {
  return {
    name,
    probe,
    begin: ({ command, environment }, { folder, keepUrls }) => ({
      invocation: {
        command,
        environment: {
          ...environment,
          ...probe.variables(probe.file, environment),
          ...outputVariables(join(folder, '%p.jsonl'), keepUrls),
        },
      },
      hindrance: probe.hindrance(command),
    }),
    examine: (environment) => probe.examine(environment),
  };
}

/** The variables that every probe reads. @param trace where it writes; `%p` is replaced by the process number */
export function outputVariables(trace: string, keepUrls = false): Readonly<Record<string, string>> {
  return { ABREAST_TRACE: trace, ...(keepUrls && { ABREAST_KEEP_URLS: '1' }) };
}

/**
 * The variables that tell the probes to change something in each process (`abreast watch --try`).
 * @param fixes the name of each, and its arguments
 * @param marks a file: a probe appends the name of a fix when it has taken effect
 */
export function fixVariables(
  fixes: readonly (readonly string[])[],
  marks: string,
): Readonly<Record<string, string>> {
  return { ABREAST_FIXES: fixes.map((fix) => fix.join('\t')).join('\n'), ABREAST_FIXED: marks };
}
