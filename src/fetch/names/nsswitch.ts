/** Who answers for a host's name: our own reading of files and DNS, in this order, or the system's library. */
export type Source = 'files' | 'dns';
export type Plan = readonly Source[] | 'system';

/** The `hosts:` line of nsswitch.conf(5): its services, and whether its actions are ones we follow. */
export interface Nsswitch {
  readonly services: readonly string[];
  readonly usualActions: boolean;
}

/** What libc does without the file or the line. */
const DEFAULT: Nsswitch = { services: ['files', 'dns'], usualActions: true };

/** Services that answer only for names without a dot, under .local, and for this host itself. */
const LOCAL_ONLY = /^(myhostname|mymachines|resolve|wins|mdns[46]?(_minimal)?)$/;

/** Actions that leave 'the first that has an answer gives it' as it is when the service before them is not ours. */
const USUAL_ACTION = /^\[!?(UNAVAIL|NOTFOUND)=return\]$/i;

/** Reads the `hosts:` line of nsswitch.conf(5). */
export function parseNsswitch(text: string): Nsswitch {
  const line = /^[ \t]*hosts:([^#\n]*)/m.exec(text)?.[1];
  const words = line?.match(/\[[^\]]*\]|[^\s[]+/g);
  if (!words) return DEFAULT;
  const usualActions = words.every((word, i) => {
    if (!word.startsWith('[')) return true;
    return USUAL_ACTION.test(word.replace(/\s/g, '')) && LOCAL_ONLY.test(words[i - 1] ?? '');
  });
  return { services: words.filter((word) => !word.startsWith('[')), usualActions };
}

/**
 * Who answers for `name`. The system's library is asked only where a service other than files and DNS may have the
 * answer, because it blocks a thread a look-up, and libuv gives look-ups two of them. `resolve` (systemd-resolved)
 * answers for full names what resolv.conf's servers answer.
 */
export function planFor(name: string, nsswitch: Nsswitch, ownName: string): Plan {
  const { services, usualActions } = nsswitch;
  const others = services.filter((service) => service !== 'files' && service !== 'dns');
  if (!usualActions || others.some((service) => !LOCAL_ONLY.test(service))) return 'system';
  const bare = name.toLowerCase().replace(/\.$/, '');
  const isLocal = !bare.includes('.') || bare.endsWith('.local') || bare === ownName.toLowerCase();
  if (isLocal && others.length > 0) return 'system';
  const own = services.filter((service) => service === 'files' || service === 'dns');
  // systemd-resolved alone still means DNS.
  return services.includes('resolve') && !own.includes('dns') ? [...own, 'dns'] : own;
}
