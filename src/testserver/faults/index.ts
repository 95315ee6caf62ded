import type { RouteEntry } from '../exchange.ts';
export const FAULTS: readonly RouteEntry[] = [];
