import type { ErrorCode } from '../../src/fetch/index.ts';
import type { DnsQuery } from './arena/speak-dns.ts';

/** What a server does, one thing after the other. After the last one it waits for the next request. */
export type Step =
  | { readonly say: Buffer }
  | { readonly pauseMs: number }
  /** The same bytes again and again: so many in all, or until the client has gone. */
  | { readonly flood: Buffer; readonly bytes: number }
  /** 'hold': says nothing more, and keeps the connection. */
  | { readonly finish: 'end' | 'reset' | 'hold' };

/** An answer as a client may report it. What is undefined may be anything. */
export interface Expected {
  readonly status: number;
  readonly body?: Buffer;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a request may come to: one of the answers, or an error with one of the codes. */
export interface Truth {
  readonly answers: readonly Expected[];
  readonly errors: readonly ErrorCode[];
}

/** The options of the run that a request belongs to: see profiles.ts. */
export type Profile =
  | 'patient'
  | 'queued'
  | 'hasty'
  | 'h2'
  | 'h2-hasty'
  | 'trusting'
  | 'proxied'
  | 'retrying';

export type Peer = 'undici' | 'curl';

/** One URL that is asked for, and what may come of it. */
export interface Ask {
  readonly url: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly profile: Profile;
  /** 'anything': exactly one result, in time. */
  readonly truth: Truth | 'anything';
  /** Who else is asked, for comparison. Their own URL: on a connection that nobody else uses. */
  readonly peers: readonly Peer[];
  readonly peerUrl: string;
}

/** How an HTTP/2 server behaves on one connection. */
export interface Http2Scene {
  /** Said at once, before anything is read. */
  readonly greeting: readonly Step[];
  /** Whether SETTINGS and PING of the client are acknowledged, as they must be. */
  readonly acknowledges: boolean;
  /** `nth`: how many requests came before on this connection. */
  answer(ask: number, rest: string, streamId: number, nth: number): readonly Step[];
}

/** A name server's answer to one question. */
export interface DnsReply {
  readonly bytes: Buffer;
  readonly afterMs?: number;
}

/** How the name server answers for the name of a case. */
export interface DnsScene {
  answer(query: DnsQuery, over: 'udp' | 'tcp'): readonly DnsReply[];
}

/** How the server plays a case. */
export interface Scene {
  /** Instead of reading anything, on a connection to the case's own address. */
  readonly connect?: readonly Step[];
  /** What the TLS server offers by ALPN; ['h2', 'http/1.1'] unless given. */
  readonly alpn?: readonly string[];
  /** Of the TLS server's bytes only so many pass; then the connection does this. */
  readonly tlsCut?: { readonly bytes: number; readonly finish: 'end' | 'reset' | 'hold' | 'garbage' };
  /** The answer of a proxy to CONNECT; without, it opens the tunnel. */
  readonly connectAnswer?: readonly Step[];
  /** `ask`: index in `asks`; `rest`: what follows it in the path; `time`: how often it was asked for before. */
  http1?(ask: number, rest: string, time: number): readonly Step[];
  readonly http2?: Http2Scene;
  readonly dns?: DnsScene;
}

/** One generated situation: requests, a server's behaviour, and what may come of them. */
export interface Case {
  readonly number: number;
  readonly kind: string;
  /** What is unusual about it; known differences are found by these. */
  readonly marks: readonly string[];
  readonly asks: readonly Ask[];
  readonly scene: Scene;
}

/** The name of a request: the number of its case, and which of its requests. */
export function idOf(one: Case, ask: number): string {
  return `${one.number}/${ask}`;
}

/** What a client made of a request. */
export interface Outcome {
  readonly status: number | null;
  /** Null when there is an answer. */
  readonly error: { readonly code: string; readonly text: string } | null;
  readonly body: Digest | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly totalMs: number | null;
}

/** What another client made of it. */
export interface Opinion {
  readonly status: number | null;
  readonly sha1: string | null;
  /** Null when there is an answer. */
  readonly error: string | null;
}

/** A body without its bytes. */
export interface Digest {
  readonly length: number;
  readonly sha1: string;
  /** The first bytes, as text. */
  readonly start: string;
}

/** The only thing that may come of it is this answer. */
export function valid(status: number, body?: Buffer, headers?: Readonly<Record<string, string>>): Truth {
  return {
    answers: [{ status, ...(body !== undefined && { body }), ...(headers !== undefined && { headers }) }],
    errors: [],
  };
}

/** The only thing that may come of it is an error with one of these codes. */
export function refused(...errors: readonly ErrorCode[]): Truth {
  return { answers: [], errors };
}

/** What may come of it is in one of these. */
export function either(...truths: readonly Truth[]): Truth {
  return {
    answers: truths.flatMap(({ answers }) => answers),
    errors: [...new Set(truths.flatMap(({ errors }) => errors))],
  };
}
