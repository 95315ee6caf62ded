/** Where results go and stay: JSON Lines or CSV, complete lines only, so that an interrupted run can be resumed. */
export { Bits } from './bits.ts';
export { csvSafe, FORMULA_STARTS, NUMBER } from './csv-safe.ts';
export { refused, StoreError, type StoreFault } from './error.ts';
export { eachRow, filterRows } from './filter.ts';
export { formatOf, type StoreFormat } from './format.ts';
export { type LineFile, openLines } from './lines.ts';
export { isLocked, lock } from './lock.ts';
export { PendingWrites } from './pending.ts';
export { type PartPlace, type PartRow, partRowOf } from './place.ts';
export type { StoreMode } from './prepare.ts';
export { openStore, type Store, type StoreOptions } from './store.ts';
