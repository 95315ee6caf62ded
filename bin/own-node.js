'use strict';

// As bin/abreast, this has to run on Nodes that are older than what it is written for.

const { spawn } = require('child_process');
const { closeSync, openSync } = require('fs');
const path = require('path');

/**
 * Goes on under another Node and stands in for it: its streams, its signals, its exit. The channel between them
 * breaks when this process is killed outright; see tethered.js.
 */
exports.start = function start(node) {
  const program = path.join(__dirname, 'tethered.js');
  const child = spawn(node, [program, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  });
  child.channel.unref();

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGUSR2']) process.on(signal, () => child.kill(signal));
  // A terminal sends Ctrl-C to both: passed on, it would count as two.
  process.on('SIGINT', hasTerminal() ? () => {} : () => child.kill('SIGINT'));

  child.on('error', (error) => {
    process.stderr.write(`abreast: ${node} does not start: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    if (signal === null) process.exit(code);
    process.removeAllListeners(signal);
    process.kill(process.pid, signal);
  });
};

/** Whether some terminal could send signals to this process, wherever its streams go. */
function hasTerminal() {
  try {
    closeSync(openSync('/dev/tty', 'r'));
    return true;
  } catch (_) {
    return false;
  }
}
