/** A chunk of a request's rows. */
export interface ChunkRef {
  readonly request: string;
  /** From 0: chunk k has the rows from k * chunkRows on. */
  readonly chunk: number;
  /** From 1: a further round fetches again what failed. */
  readonly round: number;
}

/** The description of a run. */
export function runName(run: string): string {
  return `${run}/run.json`;
}

/** The rows of a chunk, for workers that don't read the source. */
export function rowsName(run: string, ref: ChunkRef): string {
  return `${run}/rows/${ref.request}/${numbers(ref)}.jsonl`;
}

/** The results of a chunk, with its counts and records. */
export function chunkName(run: string, ref: ChunkRef): string {
  return `${chunksPrefix(run, ref.request)}${numbers(ref)}.jsonl.zst`;
}

/** The number of a source's rows, and their hash, where each process reads the source itself. */
export function plannedName(run: string, source: string): string {
  return `${run}/planned/${source}.json`;
}

/** What the names of a request's chunks begin with. */
export function chunksPrefix(run: string, request: string): string {
  return `${run}/chunks/${request}/`;
}

/** The chunk that a name belongs to; null: the name is not that of a chunk file. */
export function chunkOf(name: string): ChunkRef | null {
  const found = /\/chunks\/([^/]+)\/(\d+)-(\d+)\.jsonl\.zst$/.exec(name);
  return found === null ? null : { request: found[1]!, chunk: Number(found[2]), round: Number(found[3]) };
}

function numbers({ chunk, round }: ChunkRef): string {
  return `${String(chunk).padStart(6, '0')}-${round}`;
}
