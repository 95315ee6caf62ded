import type { ServerExchange } from '../exchange.ts';

/** Something that goes wrong on purpose: '/fault/NAME', what the client meets, and how it is done. */
export interface Fault {
  readonly name: string;
  readonly about: string;
  /** Protocols in which it can be done; both unless said. */
  readonly only?: 'http/1.1' | 'h2';
  readonly happen: (exchange: ServerExchange, query: URLSearchParams) => void | Promise<void>;
}
