// What was handed over to be done beside other work, as promises tell.

/**
 * When the program handed over the work that an exchange belongs to. Promises tell: one that was made together with
 * others (in one synchronous stretch), and whose continuation made the exchange, or which was fulfilled by what came
 * of it, stands for a piece of work that had to wait: for a permit, a lock, a place in a queue.
 */
const DEEPEST = 50;
/** A synchronous stretch: from one continuation, or event, to the next. */
let stretch = null;
/** What is known of the promise whose continuation runs; null in the main program and in events. */
let current = null;
let lastCalled = null;

let notes = null;

/**
 * Keeps something with a promise where no program can see it. A private field takes a third of what a property that
 * is not enumerable does, and a sixth of a WeakMap. Node 8 can't read it, so it stands in a text.
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
  this.calls = from === undefined ? exchangeCount : from.calls;
  this.stretch = stretch === null ? beginStretch() : stretch;
  // It waits for what was begun before an exchange was called, and so for that exchange.
  this.waitsFor = from === undefined ? null : waitedBy(from);
  // A chain that has made an exchange, or is too long, is not followed back.
  const follows = current !== null && current.depth < DEEPEST;
  this.context = follows && this.waitsFor === null ? current : null;
  this.depth = follows ? current.depth + 1 : 0;
  this.raw = parent === undefined;
  /** Whether its continuation has made an exchange: shared with the promises that follow from it. */
  this.carrier = null;
  this.parent = from === undefined ? null : carrierOf(from);
  this.used = false;
}

function beginStretch() {
  stretch = { units: 0, fulfilled: 0, finishedBefore: finishedCount };
  return stretch;
}

function carrierOf(info) {
  if (info.carrier === null) info.carrier = { carried: false };
  return info.carrier;
}

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
}

function onAfter() {
  stretch = null;
  current = null;
}

/** A promise older than an exchange is fulfilled as the exchange is made, or by what follows from it. */
function onSettled(promise) {
  const info = notes.of(promise);
  if (info === undefined || !info.raw || info.used) return;
  let exchange = null;
  if (lastCalled !== null && lastCalled.stretch === stretch) exchange = lastCalled;
  else if (current !== null) exchange = current.waitsFor;
  if (exchange === null || info.calls >= exchange.id || exchange.stretch === info.stretch) return;
  info.used = true;
  info.stretch.fulfilled++;
  if (exchange.fulfills.length < 4) exchange.fulfills.push(info);
}

/** Called with an exchange: the oldest promise that led here, if nothing else came of it before. */
function unitOf(exchange) {
  exchange.stretch = stretch === null ? beginStretch() : stretch;
  lastCalled = exchange;
  let unit = null;
  for (let info = current; info !== null; info = info.context) {
    if (info.waitsFor !== null) exchange.after = info.waitsFor;
    if (info.used || info.waitsFor !== null || (info.parent !== null && info.parent.carried)) break;
    info.used = true;
    unit = info;
  }
  if (current !== null) carrierOf(current).carried = true;
  if (unit === null) return;
  unit.stretch.units++;
  exchange.unit = unit;
}

/**
 * When the work was handed over that led to an exchange; null where that was not before its call. Known a moment after its
 * end: of what was handed over together, nearly every piece has led to one exchange.
 */
function handedOverUs({ unit, fulfills, calledUs }) {
  let earliest = unit !== null && unit.stretch.units > 1 ? unit.us : calledUs;
  for (const { us, stretch: from } of fulfills) {
    const together = from.fulfilled > 1 && from.fulfilled >= 0.8 * (finishedCount - from.finishedBefore);
    if (together) earliest = Math.min(earliest, us);
  }
  return earliest < calledUs ? earliest : null;
}

function installPromises() {
  notes = notesOnPromises();
  const hooks = require('v8').promiseHooks;
  hooks.createHook({ init: onInit, before: onBefore, after: onAfter, settled: onSettled });
}
