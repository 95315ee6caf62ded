import type { RouteEntry } from '../exchange.ts';
import { BREAKING } from './breaking.ts';
import { FRAMING } from './framing.ts';
import { gate } from './gate.ts';
import { GZIP } from './gzip.ts';
import { REFUSING } from './refusing.ts';

/** The faults as routes of one server: its own counts for ?times=. */
export function faultRoutes(): readonly RouteEntry[] {
  const gated = gate();
  return [...BREAKING, ...FRAMING, ...GZIP, ...REFUSING].map((fault) => ({
    pattern: `/fault/${fault.name}`,
    about: fault.only ? `${fault.about} (${fault.only} only)` : fault.about,
    route: gated(fault),
  }));
}
