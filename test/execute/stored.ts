/** A line of a part, parsed. */
export interface StoredResult {
  readonly index: number;
  readonly page: number;
  readonly more: boolean;
  readonly failed: boolean;
  readonly chunk: number;
  readonly data: unknown;
  readonly url: string;
  readonly status: number | null;
  readonly error: { readonly code: string; readonly text: string } | null;
  readonly attempts: number;
  readonly headers: Readonly<Record<string, string>> | null;
  readonly body: string | null;
  readonly bodyEncoding: string | null;
}
