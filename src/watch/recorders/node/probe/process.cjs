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
  const runQueueUs = waitedForCpuUs();
  return { kind: 'process', pid, parent: process.ppid, startedUs: 0, endedUs, exitCode, cpuUs, runQueueUs };
}

/** How long the threads that live have waited for a CPU: a worker thread, which ends before, tells of itself alone. */
function waitedForCpuUs() {
  try {
    const own = threads.isMainThread ? fs.readdirSync('/proc/self/task') : [thread];
    const waited = own.map(
      (id) => fs.readFileSync(`/proc/self/task/${id}/schedstat`, 'latin1').split(' ')[1],
    );
    return Math.round(waited.reduce((sum, ns) => sum + Number(ns), 0) / 1000);
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
