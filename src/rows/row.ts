/** One row: its URL, and its other columns where it has any. */
export type Row = string | { readonly url: string; readonly data: Readonly<Record<string, unknown>> };
