import { randomUUID } from 'node:crypto';

/** Small texts by name on the queue's server, and the server's clock. Processes of a run learn from them about each other. */
export interface Documents {
  read(name: string): Promise<Document>;
  /** Replaces the text if nothing has replaced `before`; null removes it. Returns whether it did so. */
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

/**
 * Writes a document and removes it, as each run does: a server may answer, and yet refuse this. Rejects with what the server
 * says.
 */
export async function tryOut(documents: Documents): Promise<void> {
  const name = `try:${randomUUID()}`;
  for (const text of ['try', null]) await documents.replace(name, await documents.read(name), text);
}

/** A document that has not changed for this long is of an abandoned run, and is removed. */
export const KEPT_S = 7 * 24 * 3600;
