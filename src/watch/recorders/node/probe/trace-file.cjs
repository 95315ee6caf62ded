// The file of the trace, which is begun with the first lines that are written.

const pid = process.pid;
const thread = kernelThread();
const lost = { dropped: 0, notUnderstood: 0 };
let file = null;
let lines = [];

function kernelThread() {
  try {
    return Number(path.basename(fs.readlinkSync('/proc/thread-self')));
  } catch (error) {
    return pid;
  }
}

function write(record) {
  lines.push(JSON.stringify(record));
  if (lines.length >= 1000) flush();
}

function flush() {
  if (lines.length === 0) return;
  const text = `${lines.join('\n')}\n`;
  const count = lines.length;
  lines = [];
  try {
    if (file === null) begin();
    fs.writeSync(file, text);
  } catch (error) {
    lost.dropped += count;
  }
}

function begin() {
  const { O_WRONLY, O_CREAT, O_APPEND, O_TRUNC } = fs.constants;
  file = fs.openSync(chooseFile(), O_WRONLY | O_CREAT | O_APPEND | O_TRUNC, 0o600);
  fs.writeSync(file, `${JSON.stringify(runRecord())}\n${JSON.stringify(beginRecord())}\n`);
}

function runRecord() {
  return {
    kind: 'run',
    version: 2,
    startedUs,
    command: process.argv.map(cleanArgument),
    recorders: [{ name: 'node', version: VERSION, sees: SEES }],
    host: { os: process.platform, kernel: os.release(), cpus: os.cpus().length },
  };
}

/** The file named, unless a process that lives, or another one of this command, has written it. */
function chooseFile() {
  const own = `${pid}${threads.isMainThread ? '' : `.${threads.threadId}`}`;
  if (pattern.includes('%p')) return pattern.replace('%p', own);
  const extension = path.extname(pattern);
  const beside = `${pattern.slice(0, pattern.length - extension.length)}.${own}${extension}`;
  if (!threads.isMainThread) return beside;
  try {
    fs.closeSync(fs.openSync(pattern, 'wx', 0o600));
    return pattern;
  } catch (error) {
    return inUse() ? beside : pattern;
  }
}

function inUse() {
  try {
    const old = JSON.parse(fs.readFileSync(pattern, 'utf8').split('\n', 2)[1]);
    if (old.pid === undefined || old.group === processGroup()) return true;
    process.kill(old.pid, 0);
    return true;
  } catch (error) {
    return error.code !== 'ESRCH';
  }
}
