// What blocked a turn of the loop, by V8's profiler.

const SAMPLE_US = 5000;
/** The session with V8's own profiler; null where there is none. */
let profiler = null;

/** To start it takes tens of milliseconds. */
function startProfiler() {
  try {
    const Session = require('inspector').Session;
    profiler = new Session();
    profiler.connect();
    profiler.post('Profiler.enable');
    profiler.post('Profiler.setSamplingInterval', { interval: SAMPLE_US });
    profile();
  } catch (error) {
    profiler = null;
  }
}

function profile() {
  if (profiler !== null) profiler.post('Profiler.start');
}

/** Ends the profile that was begun, and gives it. */
function takeProfile() {
  let taken = null;
  if (profiler !== null)
    profiler.post('Profiler.stop', (error, result) => {
      if (!error) taken = result.profile;
    });
  return taken;
}

/** The samples with their times in the trace's clock, and the tree of calls that they point into. */
function samplesOf({ nodes: all, startTime, timeDeltas, samples }) {
  const offsetUs = zeroMs * 1000 + performanceOriginUs();
  const parents = new Map();
  const nodes = new Map();
  for (const node of all) {
    nodes.set(node.id, node);
    for (const child of node.children || []) parents.set(child, node.id);
  }
  const times = [];
  let at = startTime - offsetUs;
  for (const delta of timeDeltas) {
    at += delta;
    times.push(at);
  }
  return { nodes, parents, times, ids: samples };
}

/** The stack that most samples of a time were in. Lines of callers are those where their functions begin. */
function heaviest(samples, fromUs, toUs) {
  const counts = new Map();
  for (let index = firstAfter(samples.times, fromUs); index < samples.ids.length; index++) {
    if (samples.times[index] > toUs) break;
    const { id, callFrame } = samples.nodes.get(samples.ids[index]);
    if (!/^\((idle|program|root)\)$/.test(callFrame.functionName)) counts.set(id, (counts.get(id) || 0) + 1);
  }
  let best = null;
  for (const [id, count] of counts) if (best === null || count > best.count) best = { id, count };
  return best === null ? null : { frames: framesOf(samples, best.id), count: best.count };
}

function firstAfter(times, at) {
  let low = 0;
  let high = times.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] < at) low = middle + 1;
    else high = middle;
  }
  return low;
}

function framesOf({ nodes, parents }, leaf) {
  const frames = [];
  for (let id = leaf; id !== undefined; id = parents.get(id)) {
    const { functionName, url, lineNumber } = nodes.get(id).callFrame;
    if (url === '') continue;
    const ticks = (id === leaf && nodes.get(id).positionTicks) || [];
    const most = ticks.reduce((one, other) => (other.ticks > one.ticks ? other : one), {
      ticks: 0,
      line: lineNumber + 1,
    });
    frames.push({ function: functionName || undefined, file: fileOf(url), line: most.line });
  }
  return frames;
}

/** What performance.now() counts from, on the clock of hrtime and of the profiler. */
function performanceOriginUs() {
  const hrtime = process.hrtime();
  return hrtime[0] * 1e6 + hrtime[1] / 1000 - monotonic() * 1000;
}
