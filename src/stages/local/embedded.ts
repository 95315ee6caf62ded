import { type Certificate, startServer } from '../../testserver/index.ts';
import type { Serving } from './server.ts';

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
