import { readFileSync, statSync } from 'node:fs';
import { type Hosts, parseHosts } from './hosts.ts';
import { type Nsswitch, parseNsswitch } from './nsswitch.ts';
import { parseResolvConf, type ResolvConf } from './resolv-conf.ts';

/** Where the host says how names are looked up. */
export interface SystemPaths {
  readonly hosts: string;
  readonly resolvConf: string;
  readonly nsswitch: string;
}

const PATHS: SystemPaths = {
  hosts: '/etc/hosts',
  resolvConf: '/etc/resolv.conf',
  nsswitch: '/etc/nsswitch.conf',
};

/** A long run notices within this time that a file has changed, as libc does at every look-up. */
const CHECK_EVERY_MS = 5_000;

/** The host's own files about names, read when first needed and again when they change. */
export class SystemFiles {
  readonly hosts: () => Hosts;
  readonly resolvConf: () => ResolvConf;
  readonly nsswitch: () => Nsswitch;

  /** @param ownName this host's, for the search list that resolv.conf leaves out */
  constructor(ownName: string, paths: Partial<SystemPaths> = {}) {
    const { hosts, resolvConf, nsswitch } = { ...PATHS, ...paths };
    this.hosts = keptWhileUnchanged(hosts, parseHosts);
    this.resolvConf = keptWhileUnchanged(resolvConf, (text) => parseResolvConf(text, ownName));
    this.nsswitch = keptWhileUnchanged(nsswitch, parseNsswitch);
  }
}

function keptWhileUnchanged<T>(path: string, parse: (text: string) => T): () => T {
  let kept: { readonly value: T; readonly mtimeMs: number; checkedMs: number } | undefined;
  return () => {
    const nowMs = performance.now();
    if (kept && nowMs - kept.checkedMs < CHECK_EVERY_MS) return kept.value;
    const mtimeMs = statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
    if (kept?.mtimeMs === mtimeMs) kept.checkedMs = nowMs;
    else kept = { value: parse(read(path)), mtimeMs, checkedMs: nowMs };
    return kept.value;
  };
}

/** A file that is not there or may not be read says nothing: libc goes on with its defaults, and so do we. */
function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
