/** A chunk of a request's rows, as it was handed out. */
export interface ChunkRef {
  readonly request: string;
  /** From 0: chunk k has the rows from k * chunkRows on. */
  readonly chunk: number;
  /** From 1: a further round fetches again what failed. */
  readonly round: number;
}

/** Where a run is described. */
export function runName(run: string): string {
  return `${run}/run.json`;
}

/** Where the rows of a chunk are, for those who don't read their source. */
export function rowsName(run: string, ref: ChunkRef): string {
  return `${run}/rows/${ref.request}/${numbers(ref)}.jsonl`;
}

/** Where the results of a chunk are, with its counts and records. */
export function chunkName(run: string, ref: ChunkRef): string {
  return `${chunksPrefix(run, ref.request)}${numbers(ref)}.jsonl.zst`;
}

/** Where is said how many rows a source has, and their hash: where each process reads them by itself. */
export function plannedName(run: string, source: string): string {
  return `${run}/planned/${source}.json`;
}

/** What the names of a request's chunks begin with. */
export function chunksPrefix(run: string, request: string): string {
  return `${run}/chunks/${request}/`;
}

/** The chunk of a name; null where it is the name of something else. */
export function chunkOf(name: string): ChunkRef | null {
  const found = /\/chunks\/([^/]+)\/(\d+)-(\d+)\.jsonl\.zst$/.exec(name);
  return found === null ? null : { request: found[1]!, chunk: Number(found[2]), round: Number(found[3]) };
}

function numbers({ chunk, round }: ChunkRef): string {
  return `${String(chunk).padStart(6, '0')}-${round}`;
}
