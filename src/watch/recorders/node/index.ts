/** Records what a Node program asks of its HTTP libraries: one file, loaded by NODE_OPTIONS, that changes nothing. */
import { fileURLToPath } from 'node:url';

/** The file that is loaded into the program. It needs nothing beside itself. */
export const NODE_PROBE = fileURLToPath(new URL('./probe.cjs', import.meta.url));

/**
 * The environment in which every Node process of a command records itself. The user's own NODE_OPTIONS stay, behind
 * ours: what they load is then seen as well.
 *
 * @param trace the file of the first process; others write beside it ('t.jsonl' -> 't.PID.jsonl')
 */
export function nodeEnvironment(
  environment: NodeJS.ProcessEnv,
  trace: string,
  probe: string = NODE_PROBE,
): NodeJS.ProcessEnv {
  const quoted = /[\s"\\]/.test(probe) ? `"${probe.replaceAll(/["\\]/g, '\\$&')}"` : probe;
  const options = [`--require ${quoted}`, environment.NODE_OPTIONS].filter(
    (each) => each !== undefined && each !== '',
  );
  return { ...environment, NODE_OPTIONS: options.join(' '), ABREAST_TRACE: trace };
}
