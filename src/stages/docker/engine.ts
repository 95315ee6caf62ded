import { type Ended, run } from '../child.ts';
import { StagesError } from '../error.ts';
import { troubleIn } from './trouble.ts';

/** A Docker that runs, and a compose that is new enough. */
export interface Engine {
  /** `docker compose`, or `docker-compose`. */
  readonly compose: readonly string[];
  /** Of the machine that containers run on, as Docker names it: 'amd64'. */
  readonly architecture: string;
}

/** Before, a service could not wait for another to have ended well, as the server does for its certificate. */
const OLDEST_COMPOSE = [1, 29] as const;

const INSTEAD = 'Or leave --docker out';

/** Finds Docker and compose. @throws StagesError that says what is missing, and what to do */
export async function findEngine(env: NodeJS.ProcessEnv = process.env): Promise<Engine> {
  const version = await ask(['docker', 'version', '--format', '{{.Server.Arch}}'], env);
  if (version === null)
    throw new StagesError(`Docker is not installed: https://docs.docker.com/engine/install/. ${INSTEAD}`);
  if (version.code !== 0) throw new StagesError(`${troubleIn(version.err)}. ${INSTEAD}`);
  return { compose: await findCompose(env), architecture: version.out.trim() };
}

async function findCompose(env: NodeJS.ProcessEnv): Promise<readonly string[]> {
  const old: string[] = [];
  for (const compose of [['docker', 'compose'], ['docker-compose']]) {
    const asked = await ask([...compose, 'version', '--short'], env);
    if (asked?.code !== 0) continue;
    const version = asked.out.trim().replace(/^v/, '');
    if (isNewEnough(version)) return compose;
    old.push(`${compose.join(' ')} ${version} is too old`);
  }
  const why = old.length > 0 ? old.join(', ') : 'Docker runs, but compose is missing';
  throw new StagesError(
    `${why}: docker compose v2 or docker-compose 1.29 is needed (https://docs.docker.com/compose/install/). ${INSTEAD}`,
  );
}

function isNewEnough(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST_COMPOSE;
  return major > oldestMajor || (major === oldestMajor && minor >= oldestMinor);
}

/** null: there is no such command. */
async function ask(command: readonly string[], env: NodeJS.ProcessEnv): Promise<Ended | null> {
  try {
    return await run(command, { env });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES') return null;
    throw error;
  }
}
