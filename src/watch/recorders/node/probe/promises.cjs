// What was handed over to run concurrently, as far as promises show.

/**
 * Promises are made, waited for, and settled. Work that waits for a promise which other work settles has waited for
 * what the other work had: a permit, a lock, its turn. Work that waits for what it has begun itself, for a timer or for
 * another event has waited for no other work. A promise that was made together with others, and is fulfilled after an
 * exchange that other work has called, is a piece of work in a queue.
 */
const DEEPEST = 50;
/** Shorter waits are the loop's own. */
const WAITED_US = 1000;
/** Of a promise that an exchange fulfills, the first few are kept: the earliest says when the work was handed over. */
const MOST_FULFILLED = 4;
/** Of the exchanges since some work was handed over together, so many come of it: the rest may be of other work. */
const NEARLY_ALL = 0.8;
/** A synchronous stretch: from one continuation, or event, to the next. */
let stretch = null;
/** What is known of the promise whose continuation runs; null in the main program and in events. */
let current = null;
let lastCalled = null;
/** The exchange that ended last, and the event in which it did. */
let lastFinished = null;
/** The exchange that was answered last in an event, and that event. */
let lastAnswered = null;
let eventId = null;
let sequence = 0;

let notes = null;

/**
 * Keeps something with a promise where no program can see it. A private field takes a third of what a property that
 * is not enumerable does, and a sixth of a WeakMap. Node 8 can't parse it, so it is in a string.
 */
function notesOnPromises() {
  const Note = require('vm').runInThisContext(`(class extends (function (object) { return object; }) {
    #info;
    constructor(promise, info) { super(promise); this.#info = info; }
    static of(promise) { return #info in promise ? promise.#info : undefined; }
  })`);
  return { put: (promise, info) => new Note(promise, info), of: Note.of };
}

/** What is known of a promise. Programs make dozens for each request: nothing is made here that may not be needed. */
function Info(parent) {
  const from = parent === undefined ? undefined : notes.of(parent);
  this.us = now();
  this.sequence = ++sequence;
  this.calls = from === undefined ? exchangeCount : from.calls;
  this.stretch = stretchHere();
  // It waits for what was begun before an exchange was called, and so for that exchange.
  this.waitsFor = from === undefined ? null : waitedBy(from);
  // The promise in whose continuation it was made; a chain that is too long is not followed back. The promise that
  // links one to what it was resolved with is made in no continuation: it has the line of its parent.
  const isLink = (current === null || current.raw) && from !== undefined;
  const answered = current === null ? answeredHere() : null;
  const line = isLink ? from.line : answered === null ? current : answered.caller;
  const follows = line !== null && line.depth < DEEPEST;
  this.line = follows ? line : null;
  this.depth = follows ? line.depth + 1 : 0;
  /** Whether its line goes on further back than is known. */
  this.isCut = line !== null && !follows;
  this.raw = parent === undefined;
  // An async function that returns a promise is linked to it a moment later, when others wait already for what it returns;
  // and what is done with an answer was begun with the call.
  this.isOfReturned = current !== null && isLink;
  const begun = this.isOfReturned ? from : answered;
  this.since = begun === null ? this.sequence : begun.since;
  /** How many wait for it; and behind how many it waits in a row that others wait for as well (see isInLine). */
  this.waiters = 0;
  this.waitingRow = null;
  this.place = 0;
  /** Those who wait for the same promise as it does, once its continuation runs; and whether it may have made that. */
  this.row = null;
  this.isFirst = from !== undefined && ++from.waiters === 1;
  /** The continuation that it was made in, the row that had waited in, and whether that may have made what they waited for. */
  this.madeIn = line === null ? 0 : line.sequence;
  this.peers = line === null ? null : line.row;
  this.isOfMaker = line !== null && line.isFirst;
  this.isTurn = from !== undefined && isMadeByPeer(from, this);
  if (this.isTurn) foundLock(this.peers);
  /** What came before in the work that waits, whatever that waits for. */
  const past = answered === null ? (line === null ? null : line.past) : answered.past;
  this.before = past;
  /** What it waits for, until its continuation runs; null where that is settled. */
  this.from = from === undefined || from.settler !== null ? null : from;
  /** Of what settled it, the first that was made since: 0 if it was an event or is not known, null until it is settled. */
  this.settler = null;
  /** What came before: the last exchange of the same work, and the waits since then. And the same of what settled it. */
  this.past = this.waitsFor === null ? past : this.waitsFor.past;
  this.settlerPast = null;
  this.used = false;
  this.site = this.raw ? null : siteOfWait(this.stretch, this.us);
}

/** In the event that tells of an answer, the work goes on that asked for it. */
function answeredHere() {
  return lastAnswered !== null && lastAnswered.event === eventId() ? lastAnswered.exchange : null;
}

/** Events follow one another unseen, unless a continuation runs between them. */
function stretchHere() {
  const event = current === null ? eventId() : 0;
  if (stretch === null || stretch.event !== event) stretch = newStretch(event);
  return stretch;
}

const newStretch = (event) => ({
  event,
  called: 0,
  fulfilled: 0,
  finishedBefore: finishedCount,
  sites: 0,
  site: null,
});

function onInit(promise, parent) {
  notes.put(promise, new Info(parent));
}

function waitedBy(info) {
  if (
    info.waitsFor === null &&
    lastCalled !== null &&
    lastCalled.stretch === stretch &&
    lastCalled.id > info.calls
  ) {
    info.waitsFor = lastCalled;
  }
  return info.waitsFor;
}

function onBefore(promise) {
  stretch = null;
  current = notes.of(promise) || null;
  if (current !== null && current.from !== null) waited(current);
}

function onAfter() {
  stretch = null;
  current = null;
}

/** Its continuation begins: what it has waited for, and what those waited for that it has called itself. */
function waited(info) {
  const { from, before } = info;
  info.from = info.before = null;
  info.place = from.waiters > 1 ? from.place + 1 : from.place;
  const isByMaker = isMaker(from, info);
  if (from.waiters > 1 && !isByMaker) info.row = rowOf(from, info);
  info.isFirst = info.isFirst && from.madeIn === info.madeIn;
  if (info.isTurn) {
    info.past = withWait(before, waitOf(info));
    return;
  }
  if (from.settler !== null && from.settler !== 0) waitedForWork(from, info, isByMaker);
  if (info.row === null) return;
  const { last, waits } = resolved(info.past);
  info.past = { last, waits, row: info.row, instead: insteadOf(before, info) };
}

function waitedForWork(from, info, isByMaker) {
  const own = isOwn(from, info);
  if (own) info.place = Math.max(info.place, turnOf(from, info));
  if (!own || (isInLine(info) && !isByMaker)) info.past = withWait(info.past, waitOf(info));
  else if (from.settlerPast !== null) info.past = from.settlerPast;
}

/** Whether the work that waits has made what it waits for, and that was settled by what was called in its making. */
function isOwn(from, info) {
  if (from.settler > info.sequence) return false;
  if (info.isOfReturned) return true;
  for (let at = info; at !== null; at = at.line)
    if (at.stretch === from.stretch || (at.line !== null && at.line === from.line)) return true;
  return false;
}

/**
 * Work that was begun together hands a promise of its own making on, each to the next, as in `await before`: the place of
 * one is behind that of the work whose exchange ended before it. All of it was made in one stretch, and so seems its own.
 */
function turnOf({ raw, settlerPast }, { stretch: together }) {
  const last = raw && settlerPast !== null ? settlerPast.last : null;
  const caller = last === null ? null : last.caller;
  return caller !== null && caller.stretch === together ? caller.place + 1 : 0;
}

/**
 * Whether work waits in a line of promises for its turn, as in `last = last.then(job)`: others wait for each of those
 * before it, too, as `Promise.all` does. In a chain of steps only the next step waits, and a first result may be used twice.
 */
function isInLine({ place }) {
  return place > 1;
}

function onSettled(promise) {
  const info = notes.of(promise);
  if (info === undefined) return;
  settled(info);
  if (info.raw && !info.used) fulfilled(info);
}

function settled(info) {
  if (current !== null) {
    info.settler = firstSince(info, current);
    info.settlerPast = current.past;
    return;
  }
  const isSameEvent = lastFinished !== null && lastFinished.event === eventId();
  const ended = isSameEvent ? lastFinished.exchange : answeredHere();
  const first = ended === null ? null : ended.first;
  const isOther = first !== null && first.caller !== null && first.stretch !== info.stretch;
  info.settler = isOther ? firstSince(info, first.caller) : 0;
  if (isOther) info.settlerPast = ended.past;
}

/**
 * The first on the line back from one that was made since another was, or is that; Infinity if none, and 0 where the
 * line is not known so far back: an SDK awaits dozens of promises for each request.
 */
function firstSince(info, from) {
  let first = Infinity;
  for (let at = from; at !== null && at.sequence >= info.sequence; at = at.line) {
    if (at.isCut) return 0;
    first = at.since < info.sequence ? Infinity : at.since;
  }
  return first;
}

/** A promise older than an exchange is fulfilled as the exchange is made, or by what follows from it. */
function fulfilled(info) {
  let exchange = null;
  if (lastCalled !== null && lastCalled.stretch === stretchHere()) exchange = lastCalled;
  else if (current !== null) exchange = current.waitsFor;
  if (exchange === null || info.calls >= exchange.id || exchange.stretch === info.stretch) return;
  if (hasCalled(info, exchange)) return;
  info.used = true;
  info.stretch.fulfilled++;
  if (exchange.fulfills.length < MOST_FULFILLED) exchange.fulfills.push(info);
}

/** Whether an exchange was called by what the making of a promise has begun, the asynchronous function itself; or may have been. */
function hasCalled(info, { caller }) {
  for (let at = caller; at !== null && at.sequence > info.sequence; at = at.line)
    if (at.isCut || at.stretch === info.stretch) return true;
  return false;
}

/** Called with an exchange: what its piece of work has waited for since it was made, or since its last exchange. */
function unitOf(exchange) {
  exchange.stretch = stretchHere();
  exchange.stretch.called++;
  exchange.caller = current;
  exchange.since = sequence;
  lastCalled = exchange;
  exchange.past = newPast(exchange, null);
  if (current === null || current.past === null) return;
  exchange.before = pastBefore(exchange, current.past);
  exchange.after = resolved(exchange.before).last;
  goOn(exchange, exchange.after);
}

/** Waits that have led to an exchange which ended meanwhile lead to no other: the work goes on from that one. */
function pastBefore(exchange, past) {
  const { waits } = resolved(past);
  let ended = null;
  for (let wait = waits; wait !== null; wait = wait.before) {
    const { ledTo } = wait;
    if (ledTo !== null && ledTo.endedAtUs !== null) wait.spentBy = ledTo;
    if (ledTo === null || ledTo === wait.spentBy) wait.ledTo = exchange;
    if (ended === null) ended = wait.spentBy;
  }
  return ended === null ? past : newPast(ended, waits);
}

/** A piece of work goes on with one exchange: what comes after a `Promise.all` is no part of each of those in it. */
function goOn(exchange, before) {
  if (before === null || before.isFollowed) return;
  before.isFollowed = true;
  exchange.goesOnFrom = before;
}

/** Whether it waited for a lock is known a moment after it ends, from the works that wait next. */
function waitsBefore({ before }) {
  const { last, waits } = resolved(before);
  return ofOthers(since(last, waits));
}

/** The waits that began after another exchange of the same work had ended: until then it waits for that. */
function since(exchange, waits) {
  if (exchange === null || waits === null) return waits;
  if (exchange.endedAtUs === null || waits.fromUs < exchange.endedAtUs) return null;
  const { fromUs, toUs, info } = waits;
  return { fromUs, toUs, info, before: since(exchange, waits.before) };
}

function noteAnswered(exchange) {
  if (current === null) lastAnswered = { exchange, event: eventId() };
}

function noteFinished(exchange) {
  lastFinished = { exchange, event: current === null ? eventId() : null };
}

/**
 * When the work was handed over that led to an exchange; null where that was not before its call. Known a moment after its
 * end: of what was handed over together, nearly every piece has led to one exchange.
 */
function handedOverUs({ waits, fulfills, calledUs }) {
  let earliest = calledUs - waitedUs(waits);
  for (const { us, stretch: from } of fulfills) {
    const led = from.called + from.fulfilled;
    const together = led > 1 && led >= NEARLY_ALL * (finishedCount - from.finishedBefore);
    if (together) earliest = Math.min(earliest, us);
  }
  return earliest < calledUs ? earliest : null;
}

function installPromises() {
  notes = notesOnPromises();
  eventId = require('async_hooks').executionAsyncId;
  const hooks = require('v8').promiseHooks;
  hooks.createHook({ init: onInit, before: onBefore, after: onAfter, settled: onSettled });
}
