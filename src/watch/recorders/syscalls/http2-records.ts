import { basename } from 'node:path';

/** A request of HTTP/2, as far as the records of TLS tell: when it was sent, and when its answer began and ended. */
export interface Stream {
  readonly sentUs: number;
  readonly answeredUs: number;
  readonly readUs: number;
  readonly bytesUp: number;
  readonly bytesDown: number;
}

interface Written {
  readonly atUs: number;
  /** Of data: without what encryption adds. */
  readonly bytes: number;
}

/**
 * HTTP/2 within TLS (RFC 9113), of which only the lengths and times of records are seen. This is of clients that write
 * the HEADERS of each request as a record of its own: those are larger than the frames that keep a connection going. A
 * server begins an answer with HEADERS, which are small beside the data. Where that can be read in more than one way,
 * nothing is said.
 */
export class Http2Records {
  readonly #up: Written[] = [];
  readonly #down: Written[] = [];
  #tooMany = false;
  readonly #refills: boolean;

  /** @param refills whether the client sends the next requests as soon as answers make room for them, and only then */
  constructor(refills = false) {
    this.#refills = refills;
  }

  up(atUs: number, bytes: number): void {
    this.#keep(this.#up, atUs, bytes);
  }

  down(atUs: number, bytes: number): void {
    this.#keep(this.#down, atUs, bytes);
  }

  /** The requests, oldest first; null where the records don't show them. */
  streams(): readonly Stream[] | null {
    if (this.#tooMany) return null;
    const requests = requestsOf(this.#up, this.#down);
    const answers = answersOf(this.#down);
    const [first] = requests;
    if (first === undefined || answers[0] === undefined || answers[0].atUs < first.atUs) return null;
    return (
      oneByOne(requests, answers) ??
      inOrder(requests, answers) ??
      ofOneSize(requests, answers) ??
      (this.#refills ? refilled(requests, answers) : null)
    );
  }

  #keep(records: Written[], atUs: number, bytes: number): void {
    if (records.length < MOST_RECORDS) records.push({ atUs, bytes });
    else this.#tooMany = true;
  }
}

/** For the HTTP/2 of a program; null where its records don't show its requests. */
export function recordsOfClient(argv: readonly string[]): Http2Records | null {
  const program = basename(argv[0] ?? '');
  return WRITES_EACH_ALONE.has(program) ? new Http2Records(program === 'curl') : null;
}

/**
 * Programs that write each request of HTTP/2 as a TLS record of its own: curl, and load generators that use Go's
 * net/http. Others (nghttp2 in Node, h2 in Rust) write all requests of a turn of their loop as one record, which from
 * outside may be one request or ten.
 */
const WRITES_EACH_ALONE: ReadonlySet<string> = new Set(['curl', 'hey', 'vegeta']);

const MOST_RECORDS = 200_000;

/** What the client wrote that is neither its preface nor the upkeep of the connection. */
function requestsOf(up: readonly Written[], down: readonly Written[]): Written[] {
  const [first, ...later] = up;
  if (first === undefined) return [];
  const requests = isPreface(first.bytes) ? [] : [first];
  let read = 0;
  let next = 0;
  for (const record of later) {
    for (; next < down.length && down[next]!.atUs < record.atUs; next++) read += down[next]!.bytes;
    if (record.bytes === TWO_UPDATES && (requests.length === 0 || read >= WORTH_UPDATES)) read = 0;
    else if (!UPKEEP.has(record.bytes)) requests.push(record);
  }
  return requests;
}

/** 24 bytes, SETTINGS of up to 8 values, and the window of the connection, or not (RFC 9113 §3.4, §6.5, §6.9). */
function isPreface(bytes: number): boolean {
  const settings = [bytes - 24 - 9, bytes - 24 - 9 - WINDOW_UPDATE];
  return settings.some((left) => left >= 0 && left <= 48 && left % 6 === 0);
}

const WINDOW_UPDATE = 13;
/** SETTINGS acknowledged, WINDOW_UPDATE or RST_STREAM, PING or GOAWAY, and the first two in one record. */
const UPKEEP: ReadonlySet<number> = new Set([9, WINDOW_UPDATE, 17, 9 + WINDOW_UPDATE]);
/** Of a stream and its connection. A request can be as short, but a client that received little has no window to open. */
const TWO_UPDATES = 2 * WINDOW_UPDATE;
const WORTH_UPDATES = 4_096;

/** What the server sent behind its settings; session tickets come before them (RFC 8446 §4.6.1). */
function answersOf(down: readonly Written[]): readonly Written[] {
  const settings = down.findIndex(({ bytes }, at) => at < MOST_BEFORE_SETTINGS && isSettings(bytes));
  if (settings < 0) return [];
  let from = settings + 1;
  while (from < down.length && UPKEEP.has(down[from]!.bytes)) from++;
  return down.slice(from, down.at(-1)!.bytes === GOAWAY ? -1 : undefined);
}

const GOAWAY = 17;

const MOST_BEFORE_SETTINGS = 5;

/** SETTINGS of up to 8 values, with the window of the connection and what is acknowledged, or without. */
function isSettings(bytes: number): boolean {
  return [0, 9, WINDOW_UPDATE, 9 + WINDOW_UPDATE].some((more) => {
    const left = bytes - 9 - more;
    return left >= 0 && left <= 48 && left % 6 === 0;
  });
}

/** Each request has its answer before the next is sent: null where one has none, or more than one. */
function oneByOne(requests: readonly Written[], answers: readonly Written[]): Stream[] | null {
  const streams: Stream[] = [];
  let from = 0;
  for (const [at, request] of requests.entries()) {
    const endUs = requests[at + 1]?.atUs ?? Infinity;
    let to = from;
    while (to < answers.length && answers[to]!.atUs < endUs) to++;
    const answer = answers.slice(from, to);
    if (startsOf(answer).length !== 1) return null;
    streams.push(streamOf(request, answer));
    from = to;
  }
  return streams;
}

/**
 * Answers taken to come in the order of their requests: how many are open at a time is nearly right, which of them it
 * is may not be. Where all was asked before the first answer, their number is certain, however servers mix answers.
 */
function inOrder(requests: readonly Written[], answers: readonly Written[]): Stream[] | null {
  const found = startsOf(answers);
  const together = requests.at(-1)!.atUs <= answers[0]!.atUs;
  const each = answers.length / requests.length;
  if (found.length !== requests.length && !together && !(Number.isInteger(each) && each <= 3)) return null;
  const starts = found.length === requests.length ? found : requests.map((_, at) => Math.floor(at * each));
  const streams = requests.map((request, at) => {
    const end = Math.max(starts[at]! + 1, starts[at + 1] ?? answers.length);
    return streamOf(request, answers.slice(starts[at], end));
  });
  return streams.every(({ sentUs, answeredUs }) => sentUs <= answeredUs) ? streams : null;
}

/**
 * Answers that are about the same size, of which the server puts one or several into a record: what each record holds
 * is then a number of them.
 */
function ofOneSize(requests: readonly Written[], answers: readonly Written[]): Stream[] | null {
  const full = answers.filter(({ bytes }) => !UPKEEP.has(bytes));
  const size = full.reduce((sum, { bytes }) => sum + bytes, 0) / requests.length;
  const ends: Written[] = [];
  for (const { atUs, bytes } of full) {
    const count = Math.round(bytes / size);
    if (count === 0 || Math.abs(bytes / size - count) > UNEVEN) return null;
    for (let each = 0; each < count; each++) ends.push({ atUs, bytes: bytes / count });
  }
  return pairs(requests, ends);
}

/** How far from a whole number of answers a record may be: the first ones have longer headers (RFC 7541 §2.3). */
const UNEVEN = 0.35;

/** Each request beyond the first ones takes the place of one that is answered; what is left at last ends with the last. */
function refilled(requests: readonly Written[], answers: readonly Written[]): Stream[] | null {
  const full = answers.filter(({ bytes }) => !UPKEEP.has(bytes));
  const first = requests.findIndex(({ atUs }) => atUs > full[0]!.atUs);
  if (first < 2) return null;
  const ends = requests.slice(first).map(({ atUs }) => full.findLast((answer) => answer.atUs < atUs)!);
  const left = full.filter(({ atUs }) => atUs > requests.at(-1)!.atUs);
  if (left.length === 0) return null;
  for (let each = 0; each < first; each++) ends.push(left[Math.floor((each * left.length) / first)]!);
  return pairs(requests, ends);
}

/** The n-th request with the n-th end of an answer; null where one would be answered before it was sent. */
function pairs(requests: readonly Written[], ends: readonly Written[]): Stream[] | null {
  if (ends.length !== requests.length) return null;
  const streams = requests.map((request, at) => streamOf(request, [ends[at]!]));
  return streams.every(({ sentUs, answeredUs }) => sentUs <= answeredUs) ? streams : null;
}

/**
 * Where answers begin: with the first record, and with each small one between two larger ones; but behind a full one
 * stands the rest of its frame.
 */
function startsOf(answers: readonly Written[]): number[] {
  const starts: number[] = [];
  for (const [at, { bytes }] of answers.entries()) {
    const before = answers[at - 1]?.bytes ?? Infinity;
    const after = answers[at + 1]?.bytes ?? 0;
    if (at === 0 || (bytes <= SMALL && before > bytes && before < FULL && after > bytes)) starts.push(at);
  }
  return starts;
}

/** HEADERS of an answer, of which most fields are in the table of the connection by then (RFC 7541 §2.3). */
const SMALL = 200;

/** RFC 8446 §5.1. */
const FULL = 16_384;

function streamOf(request: Written, answer: readonly Written[]): Stream {
  return {
    sentUs: request.atUs,
    answeredUs: answer[0]!.atUs,
    readUs: answer.at(-1)!.atUs,
    bytesUp: request.bytes,
    bytesDown: answer.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
