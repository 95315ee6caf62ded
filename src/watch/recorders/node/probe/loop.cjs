// The loop's turns.

const TURN_MS = 20;
const BLOCKED_MS = 50;
/** Written at once, for programs that will be killed. */
const LONG_MS = 1000;
/** Once a minute. */
const ROTATE_TURNS = 3000;
/** A block in which so much of the time went into CPU is one that computes. */
const LEAST_USED = 0.1;
const LEAST_USED_OR_QUEUED = 0.5;
let loop = null;

/** Looks at the loop's turns from the first exchange on: one that comes late was held up, by what the samples say. */
function watchLoop() {
  if (loop !== null) return;
  sitesLeft = SITES_FIRST;
  startProfiler();
  loop = {
    lastUs: now(),
    cpu: process.cpuUsage(),
    queuedUs: queuedUs(),
    turns: 0,
    blocks: [],
    timer: setTimer(turn, TURN_MS),
  };
  loop.timer.unref();
}

const turn = guarded('loop', () => {
  const at = now();
  const lateUs = at - loop.lastUs - TURN_MS * 1000;
  if (lateUs > BLOCKED_MS * 1000) blocked(loop.lastUs, at);
  writeEnded();
  if (limits.size > limitsWritten) write(environment(undefined));
  loop.turns++;
  if (loop.turns % ROTATE_TURNS === 0) clocks.push([now(), wallUs()]);
  if (loop.turns % ROTATE_TURNS === 0 || lateUs > LONG_MS * 1000) {
    writeBlocks();
    profile();
  }
  flush();
  loop.lastUs = now();
  loop.cpu = process.cpuUsage();
  loop.queuedUs = queuedUs();
});

function blocked(fromUs, toUs) {
  if (childBlocks.some((child) => child.fromUs < toUs && child.toUs > fromUs)) return;
  const used = process.cpuUsage(loop.cpu);
  const queued = queuedUs();
  // Who sleeps neither uses a processor nor waits for one. Where that wait is not counted, others may have had it.
  const least = queued === null ? LEAST_USED : LEAST_USED_OR_QUEUED;
  const busy = used.user + used.system + queued - loop.queuedUs > least * (toUs - fromUs);
  const wait = busy ? { kind: 'cpu', call: 'cpu' } : { kind: 'other', call: 'loop' };
  loop.blocks.push({ kind: 'block', pid, thread, fromUs, toUs, wait });
}

/** How long this thread has waited for a CPU; null where the kernel does not count that. */
function queuedUs() {
  try {
    const counted = fs.readFileSync(`/proc/self/task/${thread}/schedstat`, 'latin1');
    return Number(counted.split(' ')[1]) / 1000;
  } catch (error) {
    return null;
  }
}

/** Ends the profile, and writes the blocks that it covers with the stacks that were sampled in them. */
function writeBlocks() {
  const taken = takeProfile();
  const samples = taken === null || loop.blocks.length === 0 ? null : samplesOf(taken);
  for (const block of loop.blocks) {
    const found = samples === null ? null : heaviest(samples, block.fromUs, block.toUs);
    if (found !== null) {
      block.stack = stackId(found.frames);
      block.samples = found.count;
    }
    write(block);
  }
  loop.blocks = [];
}

/** The process ends in a turn, which no timer will look at. */
function endLoop() {
  if (loop === null) return;
  const at = now();
  if (at - loop.lastUs > (TURN_MS + BLOCKED_MS) * 1000) blocked(loop.lastUs, at);
  writeBlocks();
}
