// Children that the loop waits for.

/** The last waits for children: a turn of the loop that is late by them is no other wait. */
const childBlocks = [];

/** Calls that hold the loop until a child has ended. */
function installChildren() {
  const children = require('child_process');
  for (const name of ['execSync', 'execFileSync', 'spawnSync']) {
    const original = children[name];
    replace(children, name, function (...args) {
      const fromUs = now();
      const stack = guarded('stack', stackHere)();
      try {
        return original.apply(this, args);
      } finally {
        waitedForChild(fromUs, stack);
      }
    });
  }
}

const waitedForChild = guarded('child', (fromUs, stack) => {
  const toUs = now();
  childBlocks.push({ fromUs, toUs });
  if (childBlocks.length > 100) childBlocks.shift();
  const wait = { kind: 'child', call: 'child process' };
  write({ kind: 'block', pid, thread, fromUs, toUs, wait, stack });
});
