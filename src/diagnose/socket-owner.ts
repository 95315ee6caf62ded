import type { Environment, Patch } from '../trace/index.ts';
import type { ModuleVersion } from './found.ts';
import { isOfOpenSsl } from './languages/python.ts';

/** Which module made a program use a class of sockets. */
export interface SocketOwner extends ModuleVersion {
  /** Where it put the class in the place of another one. */
  readonly patch?: Patch;
}

/** The module that a socket's class comes from, or that put it in the place of another; undefined where nobody saw it. */
export function socketOwner(socketClass: string, environment: Environment): SocketOwner | undefined {
  const { patches = [], modules = [], language, version } = environment;
  const own = moduleOf(socketClass);
  const put = patches.find(({ replacement }) => replacement != null && moduleOf(replacement) === own);
  if (put !== undefined) return ownerBy(put);
  // A class of urllib3 that pyOpenSSL has urllib3 use: its own name says only that it is urllib3's.
  const wraps = isOfOpenSsl(socketClass) ? modules.find(({ name }) => isOfOpenSsl(name)) : undefined;
  if (wraps !== undefined) return moduleWith(wraps.name, wraps.version);
  const root = socketClass.slice(0, socketClass.indexOf('.'));
  const patch = patches.find(
    ({ by, target, replacement }) => by === root && replacement !== null && isOfSockets(target),
  );
  if (patch !== undefined) return ownerBy(patch);
  const module = modules.find(({ name }) => name === root);
  if (module !== undefined) return moduleWith(module.name, module.version);
  return STANDARD.has(root) ? { module: language, version } : undefined;
}

const STANDARD: ReadonlySet<string> = new Set(['socket', 'ssl', '_ssl', '_socket', 'net', 'tls']);

function isOfSockets(target: string): boolean {
  return target === 'socket' || target === 'ssl';
}

function ownerBy(patch: Patch): SocketOwner {
  return { ...moduleWith(patch.by, patch.version), patch };
}

function moduleWith(module: string, version: string | undefined): ModuleVersion {
  return { module, ...(version !== undefined && { version }) };
}

/** 'urllib3.contrib.pyopenssl' of 'urllib3.contrib.pyopenssl.WrappedSocket' */
function moduleOf(name: string): string {
  return name.slice(0, name.lastIndexOf('.'));
}
