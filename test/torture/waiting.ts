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
    marks: [],
    kind: 'crashed',
    text: /current_nghttp2_memory_/,
    why: 'Node 24.21 aborts when an HTTP/2 session is collected with headers of a stream that was destroyed',
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
