// The time of the trace: microseconds since this process began to record.

/** performance.now, as it was before the program could replace it. */
let monotonic = null;
let zeroMs = 0;
let startedUs = 0;
/** Pairs of trace time and Unix time, so that the traces of two recorders can be laid side by side. */
const clocks = [];

function startClock() {
  monotonic = performance.now.bind(performance);
  startedUs = wallUs();
  zeroMs = monotonic();
  clocks.push([0, startedUs]);
}

const now = () => Math.round((monotonic() - zeroMs) * 1000);

/** Date.now() has milliseconds only; it is asked where the clock was set meanwhile. */
function wallUs() {
  const exactMs = performance.timeOrigin + monotonic();
  const roughMs = Date.now();
  return Math.round((Math.abs(exactMs - roughMs) < 3 ? exactMs : roughMs) * 1000);
}
