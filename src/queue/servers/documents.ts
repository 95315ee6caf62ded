/** Small texts by name on the queue's server, with the server's clock: what the processes of a run know of each other. */
export interface Documents {
  read(name: string): Promise<Document>;
  /** Replaces the text if it is still the one that was read; null removes it. Returns whether it was. */
  replace(name: string, before: Document, text: string | null): Promise<boolean>;
}

/** A text as it was at one moment. */
export interface Document {
  /** null: there is none. */
  readonly text: string | null;
  /** Differs for any two texts of this name. */
  readonly revision: string;
  /** The server's clock, Unix epoch in microseconds. */
  readonly nowUs: number;
}

/** A document that nobody has touched for this long belongs to a run that nobody continues. */
export const KEPT_S = 7 * 24 * 3600;
