/**
 * `node scripts/arrows.ts [ROOT]`: holds every import under src/ against the table of rooms in ARCHITECTURE.md, and
 * finds circles of files and sub-folders. Prints what is wrong, with file and line, and ends with 1; silent when all is
 * well.
 */
import { findCircles } from './arrows/circles.ts';
import { readHouse } from './arrows/house.ts';
import { readPlan } from './arrows/plan.ts';
import { findStrayImports, findUnfinishedRooms } from './arrows/rules.ts';

const root = process.argv[2] ?? new URL('..', import.meta.url).pathname;
const plan = readPlan(root);
const house = readHouse(root);

const faults = [...findUnfinishedRooms(plan, house), ...findStrayImports(plan, house), ...findCircles(house)];
for (const fault of faults) console.error(fault);
process.exitCode = faults.length === 0 ? 0 : 1;
