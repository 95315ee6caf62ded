/** What is made of an answer: its body, and whether the connection goes on or ends; or the code of its refusal. */
export type Made =
  | { readonly keeps: string; readonly status?: number }
  | { readonly ends: string; readonly status?: number }
  | { readonly refuses: string };

/** What undici, which reads with llhttp, makes of an answer that we refuse or take. */
export type Difference = 'refuses' | 'takes' | 'differs';

/** What the RFC says of an answer, and what is made of it. */
export interface Rule {
  readonly about: string;
  readonly rfc: string;
  readonly says: string;
  readonly answer: string;
  readonly made: Made;
  /** undici agrees unless this says otherwise. */
  readonly undici?: Difference | undefined;
}

/** A rule for each of the texts. `undici`: which of them it reads otherwise. */
export function alike(
  what: string,
  texts: readonly string[],
  answerOf: (text: string) => string,
  rule: Pick<Rule, 'rfc' | 'says' | 'made'>,
  undici: Partial<Record<Difference, readonly string[]>> = {},
): readonly Rule[] {
  const differences = Object.entries(undici) as [Difference, readonly string[]][];
  return texts.map((text) => ({
    about: `${what} ${JSON.stringify(text)}`,
    answer: answerOf(text),
    undici: differences.find(([, those]) => those.includes(text))?.[0],
    ...rule,
  }));
}

export const OK = 'HTTP/1.1 200 OK\r\n';
export const FIVE = 'content-length: 5\r\n\r\nhello';
export const CHUNKED = `${OK}transfer-encoding: chunked\r\n\r\n`;
export const HELLO = '5\r\nhello\r\n0\r\n\r\n';
