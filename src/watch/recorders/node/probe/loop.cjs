// The loop's turns.

const TURN_MS = 20;
const BLOCKED_MS = 50;
/** Written at once, for programs that will be killed. */
const LONG_MS = 1000;
/** Once a minute. */
const ROTATE_TURNS = 3000;
/** The loop computes in a block of which it spent so much on a CPU, or also ready to run and waiting for one. */
const LEAST_USED = 0.1;
const LEAST_USED_OR_QUEUED = 0.5;
let loop = null;

/** Looks at the loop's turns from the first exchange on. The samples of a turn that comes late say what blocked it. */
function watchLoop() {
  if (loop !== null) return;
  sitesLeft = SITES_FIRST;
  startProfiler();
  loop = {
    lastUs: now(),
    cpu: process.cpuUsage(),
    scheduled: scheduledOf([thread]),
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
  loop.scheduled = scheduledOf([thread]);
});

function blocked(fromUs, toUs) {
  if (childBlocks.some((child) => child.fromUs < toUs && child.toUs > fromUs)) return;
  // A loop that sleeps neither uses a CPU nor waits for one. Where the kernel does not count this for each thread, the
  // process is asked, and a loop that computes may have had little of a CPU.
  const last = loop.scheduled;
  const scheduled = last === undefined ? undefined : scheduledOf([thread]);
  const used = process.cpuUsage(loop.cpu);
  const [usedUs, least] =
    scheduled === undefined
      ? [used.user + used.system, LEAST_USED]
      : [scheduled.ranUs - last.ranUs + scheduled.queuedUs - last.queuedUs, LEAST_USED_OR_QUEUED];
  const busy = usedUs > least * (toUs - fromUs);
  const wait = busy ? { kind: 'cpu', call: 'cpu' } : { kind: 'other', call: 'loop' };
  loop.blocks.push({ kind: 'block', pid, thread, fromUs, toUs, wait });
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
