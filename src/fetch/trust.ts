import tls from 'node:tls';
import { FetchError } from './errors.ts';
import type { TlsOptions } from './options.ts';
import type { Target } from './target.ts';
export class Trust {
  readonly insecure: boolean;
  #options: TlsOptions;
  #context: tls.SecureContext | null = null;
  constructor(options: TlsOptions) {
    this.#options = options;
    this.insecure = options.insecure ?? false;
  }
  context(): tls.SecureContext {
    return (this.#context ??= tls.createSecureContext({
      ...(this.insecure ? { ca: [] } : this.#options.ca ? { ca: this.#options.ca } : {}),
      ecdhCurve: 'X25519:prime256v1:secp384r1',
    }));
  }
}
export function tlsError(error: Error, target: Target, _socket: tls.TLSSocket): FetchError {
  return new FetchError('tls', `${target.origin}: ${error.message}`, error);
}
