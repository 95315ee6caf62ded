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
  return { kind: 'process', pid, parent: process.ppid, startedUs: 0, endedUs, exitCode, cpuUs };
}

function processGroup() {
  try {
    const status = fs.readFileSync('/proc/self/stat', 'latin1');
    return Number(status.slice(status.lastIndexOf(')') + 2).split(' ')[2]);
  } catch (error) {
    return undefined;
  }
}
