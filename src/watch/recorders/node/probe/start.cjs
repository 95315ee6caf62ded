// The start and the end of the process.

function start() {
  startClock();
  guarded('promises', installPromises)();
  installConnections();
  installAgents();
  installFixes();
  installHttp();
  installBodies();
  installRaw();
  installUndici();
  installDispatchers();
  installHttp2();
  installServed();
  installChildren();
  const exit = guarded('exit', end);
  overhear(process, (_, args) => {
    if (args[0] === 'exit') exit(args[1]);
  });
}

function end(code) {
  writeEnded();
  writeOpen();
  writeOpenServed();
  endLoop();
  const endedUs = now();
  clocks.push([endedUs, wallUs()]);
  if (exchangeCount > 0 || file !== null) write(environment(modules()));
  write(endRecord(endedUs, code));
  write({ kind: 'end', endedUs, exitCode: code, lost, clocks });
  flush();
}

module.exports = { cleanUrl, cleanArgument };

if (records) {
  try {
    start();
  } catch (error) {
    if (debug) throw error;
  }
}
