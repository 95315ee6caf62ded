/** How results are written, by the name of their file. */
export interface StoreFormat {
  readonly rows: 'jsonl' | 'csv';
  readonly packing: 'plain' | 'gzip' | 'zstd';
}

/** '.jsonl' and '.csv', each also with '.gz' or '.zst'; any other ending is JSON Lines. */
export function formatOf(path: string): StoreFormat {
  const packing = path.endsWith('.gz') ? 'gzip' : path.endsWith('.zst') ? 'zstd' : 'plain';
  const bare = packing === 'plain' ? path : path.slice(0, path.lastIndexOf('.'));
  return { rows: bare.endsWith('.csv') ? 'csv' : 'jsonl', packing };
}
