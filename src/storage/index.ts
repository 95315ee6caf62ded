/** Files by name in a place that many processes reach: each is there whole or not at all. */
export { StorageError, type StorageFault } from './error.ts';
export { openStorage } from './open.ts';
export type { Content, Storage } from './storage.ts';
