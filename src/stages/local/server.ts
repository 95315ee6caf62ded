import { type Certificate, startServer } from '../../testserver/index.ts';
import type { Scheme } from '../story.ts';

/** A server that one program is run against. */
export interface Server {
  /** 'https://127.0.0.1:41234', without a slash at the end. */
  readonly origin: string;
  /** What it had in flight, once the program has ended; null where it does not say. */
  inFlight(): { readonly mean: number; readonly max: number } | null;
  close(): Promise<void>;
}

/** Where servers come from: each program gets one of its own, so that none waits for another's requests. */
export interface Serving {
  /** Notes on it, such as why it is not go-httpbin. */
  readonly note: string | null;
  start(protocol: Scheme, signal: AbortSignal): Promise<Server>;
}

/** Serves from within this process. `why` says why it is not go-httpbin. */
export function embedded(certificate: Certificate, why: string): Serving {
  return {
    note: `the server is abreast's own: ${why}`,
    async start(protocol) {
      const [httpPort, httpsPort] = protocol === 'http' ? ([0, false] as const) : ([false, 0] as const);
      const server = await startServer({ certificate, httpPort, httpsPort, http2: false });
      return {
        origin: (server.httpUrl ?? server.httpsUrl)!,
        inFlight() {
          const { mean, max } = server.stats().inFlight;
          return mean === null ? null : { mean, max };
        },
        close: () => server.close(),
      };
    },
  };
}
