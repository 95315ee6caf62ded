import type { Exchange } from '../trace/index.ts';
import { isDelayAsked } from './asked-delays.ts';
import type { Cell } from './cell.ts';
import { commandRun } from './commands/run.ts';
import type { Evidence } from './evidence.ts';
import { endingsAmong } from './failures/endings.ts';
import { endOf, isWantedSeen, type State } from './fold.ts';
import { type Group, groupsOf, type JudgedGroup, lossUs } from './groups.ts';
import { heldThreads } from './held-threads.ts';
import { judge } from './judge.ts';
import type { Facts, Setting } from './judgement.ts';
import { ownFrame } from './languages/frames.ts';
import { lateAnswers } from './late.ts';
import { waitsForOne } from './opening.ts';
import type { Headline } from './phases/headline.ts';
import { type JudgedPhase, judgePhases, withoutLine } from './phases/phases.ts';
import { areStages } from './rounds/stages.ts';
import { isQueued } from './server-queue.ts';
import { timesOf } from './steps.ts';
import { LEAST_LOST_US, NEARLY_ALL } from './thresholds.ts';

/** All parts of a run that have a judgement of their own. */
export function judgeParts(state: State, cells: readonly Cell[], evidence: Evidence, facts: Facts) {
  const setting = settingOf(state, cells, evidence, facts);
  const { origins, lines } = groupsOf(cells, evidence);
  // Rounds of a server's calls follow the requests that it takes.
  const isServer = takesWork(evidence);
  const isOneLine = lines.length < 2 && !isServer;
  const whole: JudgedGroup = {
    origin: null,
    at: null,
    cells,
    judgement: judge(cells, { ...setting, isOneLine }),
  };
  // What was declared is of the whole; a group that is the whole need not be judged twice.
  const judgedAs = (ofGroup: Setting) => (group: Group) => ({
    ...group,
    judgement: group.cells.length === cells.length ? whole.judgement : judge(group.cells, ofGroup),
  });
  const ofLine = { ...setting, declared: null, isOneLine: !isServer };
  const judgedOrigins = origins.map(judgedAs({ ...ofLine, isOneLine }));
  const judgedLines = lines.map(judgedAs(ofLine));
  const rest = withoutLine(cells, lines).map(judgedAs(ofLine));
  const phases = setting.declared === null ? judgePhases(judgedLines, rest, ofLine, evidence) : [];
  const main = withoutBackground(whole, phases, ofLine);
  return { whole, main, origins: judgedOrigins, lines: judgedLines, phases };
}

/** Whether the program serves requests, or a library of it begins tasks by itself: with each connection that is made to it. */
function takesWork({ unit: units, stack: stacks }: Evidence): boolean {
  if (units.some(({ type }) => type === 'served-request')) return true;
  const frames = new Map(stacks.map((stack) => [stack.id, stack.frames]));
  const begun = units.filter(({ type, parent, madeAt }) => {
    const made = type === 'task' && parent === undefined ? frames.get(madeAt ?? -1) : undefined;
    return made !== undefined && made.length > 0 && ownFrame(made) === undefined;
  });
  return begun.length > 1;
}

/** The whole, without phases in the background where there are any and anything was lost. */
function withoutBackground(whole: JudgedGroup, phases: readonly JudgedPhase[], setting: Setting): Headline {
  const except = phases.filter(({ isBackground }) => isBackground);
  if (except.length === 0) return whole;
  const own = phases.filter(({ isBackground }) => !isBackground);
  const cells = own.flatMap((phase) => phase.cells);
  const isOneLine = setting.isOneLine && new Set(own.map(({ at }) => at)).size < 2;
  const judgement = judge(cells, { ...setting, isOneLine });
  const isGood = whole.judgement.overlap === 'concurrent' && lossUs(judgement) === 0;
  return isGood ? whole : { origin: null, at: null, cells, judgement, except };
}

function settingOf(state: State, cells: readonly Cell[], evidence: Evidence, facts: Facts): Setting {
  const count = cells.reduce((sum, cell) => sum + cell.rows.length, 0);
  const command = commandRun(evidence);
  return {
    endedUs: endOf(state, facts.endedUs),
    declared: isWantedSeen(state) ? null : (facts.wanted ?? command?.wanted ?? null),
    isFree: command?.isFree ?? false,
    cpuPerRequestUs: facts.clientCpuUs === undefined || count === 0 ? null : facts.clientCpuUs / count,
    held: heldThreads(evidence),
    waits: waitsForOne(evidence),
    endingsOf: endingsAmong(cells),
    isQueued: remembered((cell) => isQueued(cell) && !isAsked(cell, evidence)),
    areUnread: areUnread(evidence),
    isOneLine: false,
    isStaged: (own, begins) => areStages(exchangesOf(own, evidence), begins),
    late: lateAnswers(evidence),
  };
}

/** Whether nearly all answers were left before their ends, and kept their connections for longer than they had taken. */
function areUnread({ exchange: exchanges, connectionClosed }: Evidence): boolean {
  const unread = exchanges.filter((exchange) => exchange.unread === true);
  const answered = exchanges.filter(({ answeredUs }) => typeof answeredUs === 'number');
  if (unread.length === 0) return false;
  const closedUs = new Map(connectionClosed.map(({ id, atUs }) => [id, atUs]));
  const kept = unread.filter((exchange) => {
    const times = timesOf(exchange);
    const untilUs = closedUs.get(exchange.connection ?? -1) ?? Infinity;
    return times !== undefined && untilUs - times.end > Math.max(LEAST_LOST_US, times.end - times.sent);
  });
  return kept.length >= NEARLY_ALL * answered.length;
}

/** Whether those that the server seems to queue asked it to take the time that it took. */
function isAsked({ origin }: Cell, { exchange }: Evidence): boolean {
  return isDelayAsked(exchange.filter((one) => one.origin === origin));
}

/** The records of some cells, as far as they are kept. */
function exchangesOf(cells: readonly Cell[], { exchange }: Evidence): readonly Exchange[] {
  const keyOf = (origin: string | null, stack: number | null): string => `${origin} ${stack}`;
  const keys = new Set(cells.map(({ origin, stack }) => keyOf(origin, stack)));
  return exchange.filter(({ origin, stack = null }) => keys.has(keyOf(origin, stack)));
}

function remembered<K extends object, V>(work: (of: K) => V): (of: K) => V {
  const known = new WeakMap<K, { readonly result: V }>();
  return (of) => {
    const kept = known.get(of) ?? { result: work(of) };
    known.set(of, kept);
    return kept.result;
  };
}
