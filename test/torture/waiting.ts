import type { Finding } from './blame.ts';

/** A fault that is known and not corrected yet. */
interface Waiting {
  readonly marks: readonly string[];
  readonly kind: Finding['kind'];
  readonly text: RegExp;
  readonly why: string;
}

/** All of them: they are told at the end, and fail nothing. */
const WAITING: readonly Waiting[] = [
  {
    marks: ['h2-reset-flood'],
    kind: 'late',
    text: /timeout-first-byte/,
    why: 'an HTTP/2 connection that its server closes after a flood of RST_STREAM is not seen to be closed',
  },
  {
    marks: [],
    kind: 'left open',
    text: /TCP/,
    why: 'an HTTP/2 connection that its server closes after a flood of RST_STREAM is not closed by us',
  },
  {
    marks: ['h2-reset-in-body', 'h2-reset-after-head'],
    kind: 'wrong',
    text: /^200/,
    why: 'RST_STREAM(NO_ERROR) before the end of an answer is taken for its end (RFC 9113 §8.1)',
  },
  {
    marks: [],
    kind: 'crashed',
    text: /current_nghttp2_memory_/,
    why: 'Node 24.21 aborts when an HTTP/2 session is collected with headers of a stream that was destroyed',
  },
  {
    marks: [],
    kind: 'wrong',
    text: /EBADRESP.*among others/s,
    why: 'one malformed answer of a name server fails the look-ups that are under way beside it',
  },
  {
    marks: ['trailer-nul'],
    kind: 'wrong',
    text: /^\d/,
    why: 'values of trailers are not looked at (RFC 9110 §5.5)',
  },
];

/** Why a finding is no news; null when it is. */
export function waitingFor({ case: { marks }, kind, text }: Finding): string | null {
  const found = WAITING.find(
    (entry) =>
      entry.kind === kind &&
      entry.text.test(text) &&
      (entry.marks.length === 0 || entry.marks.some((mark) => marks.includes(mark))),
  );
  return found?.why ?? null;
}
