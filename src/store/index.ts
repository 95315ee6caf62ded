/** Where results go and stay: JSON Lines or CSV, whole lines only, to be gone on with after any interruption. */
export { Bits } from './bits.ts';
export { StoreError } from './error.ts';
export { formatOf, type StoreFormat } from './format.ts';
export { openStore, type Store, type StoreMode, type StoreOptions } from './store.ts';
