import type { Options } from '../../src/fetch/index.ts';
import type { Arena } from './arena/arena.ts';
import type { Profile } from './case.ts';

/** Bytes of one body: what is longer must be an error. */
export const MAX_BODY = 1024 * 1024;
export const MAX_REDIRECTS = 5;

/** Time limits that no server here passes unless it says nothing at all, on the busiest machine. */
const LONG = { connectTimeout: '20s', firstByteTimeout: '20s', idleTimeout: '20s', timeout: '40s' } as const;
/** Time limits for servers that say nothing, or that go on for ever. */
const SHORT = { connectTimeout: '1s', firstByteTimeout: '1s', idleTimeout: '700ms', timeout: '2s' } as const;

const ALL: Options<string> = {
  concurrency: 100,
  retries: 0,
  // What is known of an origin that failed must not change what becomes of the next case.
  adapt: false,
  maxBody: MAX_BODY,
  maxMemory: 64 * 1024 * 1024,
  maxRedirects: MAX_REDIRECTS,
  proxy: '',
  tls: { insecure: true },
};

/** The options of each run. */
export function optionsOf(profile: Profile, { certificates, ports, resolve }: Arena): Options<string> {
  switch (profile) {
    case 'patient':
      return { ...ALL, ...LONG };
    case 'queued':
      return { ...ALL, ...LONG, perOrigin: 1 };
    case 'hasty':
      return { ...ALL, ...SHORT };
    case 'h2':
      return { ...ALL, ...LONG, protocol: 'h2' };
    case 'h2-hasty':
      return { ...ALL, ...SHORT, protocol: 'h2' };
    case 'trusting':
      return { ...ALL, ...LONG, tls: { ca: certificates.trusted }, resolve };
    case 'proxied':
      return { ...ALL, ...SHORT, proxy: `http://127.0.0.1:${ports.proxy}` };
    case 'retrying':
      return { ...ALL, ...LONG, retries: 2 };
  }
}

/** The longest that a request may take, in milliseconds: its own limit, and what a busy machine adds. */
export function mostMs(profile: Profile): number {
  const isShort = profile === 'hasty' || profile === 'h2-hasty' || profile === 'proxied';
  return isShort ? 12_000 : 60_000;
}
