// What is said of this process as it begins and as it ends.

function beginRecord() {
  return {
    kind: 'process',
    pid,
    parent: process.ppid,
    group: processGroup(),
    startedUs: 0,
    argv: process.argv.map(cleanArgument),
  };
}

function endRecord(endedUs, exitCode) {
  const { user, system } = process.cpuUsage();
  const cpuUs = user + system;
  const scheduled = scheduledOf(endingThreads());
  const runQueueUs = scheduled === undefined ? undefined : scheduled.queuedUs;
  return { kind: 'process', pid, parent: process.ppid, startedUs: 0, endedUs, exitCode, cpuUs, runQueueUs };
}

/** Of the main thread, all threads that live; a worker thread ends before and speaks for itself alone. */
function endingThreads() {
  try {
    return threads.isMainThread ? fs.readdirSync('/proc/self/task') : [thread];
  } catch (error) {
    return [];
  }
}

/** How long threads ran, and were ready to run and waited for a CPU; undefined where the kernel does not count that. */
function scheduledOf(ids) {
  try {
    const counted = ids.map((id) =>
      fs.readFileSync(`/proc/self/task/${id}/schedstat`, 'latin1').split(' ').map(Number),
    );
    const sumUs = (column) => Math.round(counted.reduce((sum, ns) => sum + ns[column], 0) / 1000);
    return ids.length === 0 ? undefined : { ranUs: sumUs(0), queuedUs: sumUs(1) };
  } catch (error) {
    return undefined;
  }
}

function processGroup() {
  try {
    const status = fs.readFileSync('/proc/self/stat', 'latin1');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[2]);
  } catch (error) {
    return undefined;
  }
}
