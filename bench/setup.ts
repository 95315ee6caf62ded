import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const exec = promisify(execFile);

/** The checkout. */
export const ROOT = dirname(import.meta.dirname);
/** Where what the bench builds and installs stays from run to run; not in git. */
export const CACHE = join(ROOT, '.abreast', 'bench');

const PYTHON_CLIENTS = ['aiohttp', 'httpx', 'requests', 'grequests'];
const NODE_FOLDER = join(ROOT, 'node_modules', 'node', 'bin');
const PEERS = join(import.meta.dirname, 'peers');

/** Programs that peers are started with; CURL and ABREAST of the environment name other builds. */
export const programs = {
  node: join(NODE_FOLDER, 'node'),
  nodePeers: join(CACHE, 'node'),
  python: join(CACHE, 'python', 'bin', 'python'),
  pythonPeers: join(PEERS, 'python'),
  goPeer: join(CACHE, 'go-peer'),
  curl: process.env.CURL ?? 'curl',
  tool: join(CACHE, 'tool'),
  abreast: process.env.ABREAST ?? join(CACHE, 'abreast', 'node_modules', 'abreast', 'bin', 'abreast'),
};

/** The environment of every client: Node 24 first, no proxy. */
export const clientEnv: NodeJS.ProcessEnv = {
  PATH: `${NODE_FOLDER}:${process.env.PATH}`,
  HOME: process.env.HOME,
  LANG: 'C.UTF-8',
};

/** What can be there or not, and how it gets there. */
export type Group = 'tool' | 'go' | 'node' | 'python' | 'curl' | 'abreast';

const installers: Record<Group, () => Promise<void>> = {
  tool: () => goBuild(join(import.meta.dirname, 'server'), programs.tool),
  go: () => goBuild(join(PEERS, 'go'), programs.goPeer),
  node: installNodePeers,
  python: installPythonPeers,
  curl: async () => {
    await exec(programs.curl, ['--version']);
  },
  abreast: installAbreast,
};

/** Installs a group. Null when it is there; else the reason why it is not, in a line. */
export async function install(group: Group): Promise<string | null> {
  await mkdir(CACHE, { recursive: true });
  try {
    await installers[group]();
    return null;
  } catch (error) {
    const { message, stdout = '', stderr = '' } = error as Error & { stdout?: string; stderr?: string };
    const told = `${stdout}\n${stderr}`.split('\n').find((line) => /error/i.test(line));
    return (told ?? message).slice(0, 300);
  }
}

/** What the figures are of, in a line: runtimes by what they say, libraries by what pins them. */
export async function versions(): Promise<string> {
  const said = async (program: string, ...args: string[]) => {
    const { stdout, stderr } = await exec(program, args).catch(() => ({ stdout: '', stderr: '' }));
    return /\d+\.\d+(\.\d+)?/.exec(stdout || stderr)?.[0] ?? null;
  };
  const { dependencies } = JSON.parse(await readFile(join(PEERS, 'node', 'package.json'), 'utf8')) as {
    dependencies: Record<string, string>;
  };
  const pinned = await readFile(join(PEERS, 'python', 'requirements.txt'), 'utf8');
  const all: [string, string | null | undefined][] = [
    ['Node', await said(programs.node, '--version')],
    ['Go', await said('go', 'version')],
    ['curl', await said(programs.curl, '--version')],
    ['Python', await said('python3', '--version')],
    ...Object.entries(dependencies),
    ...PYTHON_CLIENTS.map((name): [string, string | undefined] => [
      name,
      pinned
        .split('\n')
        .find((line) => line.startsWith(`${name}==`))
        ?.slice(name.length + 2),
    ]),
  ];
  return all.flatMap(([name, version]) => (version ? [`${name} ${version}`] : [])).join(', ');
}

async function goBuild(folder: string, out: string): Promise<void> {
  await exec('go', ['build', '-o', out, '.'], { cwd: folder });
}

async function installNodePeers(): Promise<void> {
  const from = join(PEERS, 'node');
  await mkdir(programs.nodePeers, { recursive: true });
  for (const file of await readdir(from)) await copyFile(join(from, file), join(programs.nodePeers, file));
  await copyFile(join(ROOT, '.npmrc'), join(programs.nodePeers, '.npmrc'));
  await unlessDone('node', join(from, 'package-lock.json'), () =>
    exec('npm', ['ci', '--no-audit', '--no-fund'], { cwd: programs.nodePeers }),
  );
}

async function installPythonPeers(): Promise<void> {
  const requirements = join(programs.pythonPeers, 'requirements.txt');
  await unlessDone('python', requirements, async () => {
    await exec('python3', ['-m', 'venv', '--clear', join(CACHE, 'python')]);
    await exec(programs.python, ['-m', 'pip', 'install', '-q', '-r', requirements]);
  });
}

/** abreast is measured as a user has it: packed, and installed from the package. */
async function installAbreast(): Promise<void> {
  if (process.env.ABREAST !== undefined) return;
  const folder = join(CACHE, 'abreast');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{ "private": true }\n');
  const { stdout } = await exec('npm', ['pack', '--json', '--pack-destination', folder], { cwd: ROOT });
  const [packed] = JSON.parse(stdout.slice(stdout.indexOf('['))) as [{ filename: string }];
  await exec('npm', ['install', '--no-save', '--no-audit', '--no-fund', join(folder, packed.filename)], {
    cwd: folder,
  });
}

/** Does `work` when the file that pins its versions is not the one it was done for the last time. */
async function unlessDone(name: string, pins: string, work: () => Promise<unknown>): Promise<void> {
  const stamp = join(CACHE, `${name}.installed`);
  const wanted = createHash('sha256')
    .update(await readFile(pins))
    .digest('hex');
  if ((await readFile(stamp, 'utf8').catch(() => '')) === wanted) return;
  await work();
  await writeFile(stamp, wanted);
}
