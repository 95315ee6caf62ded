import type { Observation } from './found.ts';
import { type CodeLine, placeOf } from './languages/frames.ts';
import { duration as durationOf } from './numbers.ts';
import { patchText } from './scene/patches.ts';

/** A line of code: where it can be opened if it is the program's own, in short if it is of a library. */
export function codeLineText(place: CodeLine): string {
  const short = placeOf(place);
  const where = place.own && !short.startsWith('cell:') ? `${place.file}:${place.line}` : short;
  return place.function === undefined ? where : `${where} ${place.function}`;
}

/** The same where the reader has been told the folder. */
function shortText(place: CodeLine): string {
  return place.function === undefined ? placeOf(place) : `${placeOf(place)} ${place.function}`;
}

/** What was seen, in words. */
export function observationText(seen: Observation): string {
  switch (seen.kind) {
    case 'limit': {
      const { of, size, setAt } = seen.limit;
      return `limit: ${of} ${size}${setAt === undefined ? '' : `, ${setAt}`}`;
    }
    case 'patch':
      return `patch: ${patchText(seen.patch)}`;
    case 'plateau':
      return `never more than ${seen.level} at once, while up to ${seen.waiting} waited`;
    case 'in-flight':
      return `${seen.max} in flight for ${Math.round(100 * seen.full)}% of the time, never more`;
    case 'waits': {
      const of = seen.exchanges === undefined ? '' : ` of ${count(seen.exchanges, 'exchange')}`;
      const at = seen.at === undefined ? '' : `: ${shortText(seen.at)}`;
      return `${count(seen.waits, 'wait')}${of}, ${duration(seen.ms)} in all${at}`;
    }
    case 'blocks':
      return blocksText(seen);
    case 'in-turn':
      return `${seen.exchanges} exchanges asked${seen.at === null ? '' : ` at ${seen.at}`}, each after the one before was read`;
    case 'batches':
      return `${seen.batches} rounds of ${seen.size}, each asked for when the last of the round before was read`;
    case 'handed-over':
      return `${seen.exchanges} exchanges were handed over long before they were called, by ${shortText(seen.at)}`;
    case 'thread':
      return `all ${seen.exchanges} exchanges on thread ${seen.thread}`;
    case 'exchange':
      return seen.error === undefined
        ? `exchange ${seen.id}${seen.connection === undefined ? '' : ` on connection ${seen.connection}`}: sent after the one before was read`
        : `exchange ${seen.id}: ${seen.error}`;
    case 'unread': {
      const error = seen.error === undefined ? '' : ` (${seen.error})`;
      return `exchange ${seen.exchange} on connection ${seen.connection}: answered, not read for ${duration(seen.ms)}${error}`;
    }
    case 'process':
      return `process ${seen.pid}${seen.parent === undefined ? '' : ` of ${seen.parent}`}: ${seen.name}`;
    case 'connection':
      return `connection ${seen.id}: ${seen.protocol}`;
    case 'reopened':
      return `${seen.exchanges} exchanges opened a connection while an earlier one to the same origin was unused or had been closed after one request`;
    case 'connect':
      return `connection ${seen.connection}: ${seen.remote} ${seen.failed ? 'did not answer for' : 'opened after'} ${duration(seen.ms)}`;
    case 'look-up':
      return `connection ${seen.connection}: ${seen.host} looked up in ${duration(seen.ms)}`;
    case 'portions':
      return `${seen.lookUps} look-ups ended in portions of ${seen.atOnce}: the first after ${duration(seen.firstMs)}, the last after ${duration(seen.lastMs)}`;
    case 'held-write':
      return `connection ${seen.connections.join(', ')}: a second write waited ${duration(seen.ms)}`;
    case 'rhythm':
      return `${seen.calls} calls ${duration(seen.everyMs)} apart, none of which waited for another request to end`;
    case 'burst':
      return `${seen.exchanges} exchanges sent within ${duration(seen.sentMs)}, answered over ${duration(seen.answeredMs)}`;
    case 'proxy':
      return `their connections go to ${seen.address}, not to ${seen.origin}`;
    case 'levels':
      return `mean at each step: ${Object.entries(seen.levels)
        .map(([step, level]) => `${step} ${level.toFixed(1)}`)
        .join(', ')}`;
  }
}

function blocksText(seen: Extract<Observation, { kind: 'blocks' }>): string {
  const [thread] = seen.threads;
  const of = seen.threads.length === 1 ? ` of thread ${thread}` : ` of ${seen.threads.length} threads`;
  const on = seen.descriptors === undefined ? '' : ` on ${count(seen.descriptors, 'descriptor')}`;
  const unsent = seen.unsent === undefined ? '' : `, up to ${seen.unsent} requests unsent`;
  return `${count(seen.blocks, 'block')}${of}: ${seen.call}${on}, ${duration(seen.ms)}${unsent}`;
}

function count(number: number, of: string): string {
  return `${number} ${of}${number === 1 ? '' : 's'}`;
}

/** Milliseconds in words. */
function duration(ms: number): string {
  return durationOf(1e3 * ms);
}
