// Fixes that `abreast watch --try` asks for: larger limits and connections that are kept. Without it nothing of this part runs.

/** A line for each: its name and its arguments, with tabs between them. */
const fixes = (process.env.ABREAST_FIXES || '')
  .split('\n')
  .filter(Boolean)
  .map((line) => line.split('\t'));
const fixesNamed = (name) => fixes.filter((fix) => fix[0] === name).map((fix) => fix.slice(1));

/** Notes that a fix took effect, by its name and its first argument: without a note, it could not be applied. */
function fixed(...name) {
  if (process.env.ABREAST_FIXED) fs.appendFileSync(process.env.ABREAST_FIXED, `${name.join('\t')}\n`);
}

function installFixes() {
  if (fixes.length === 0) return;
  for (const [name, value] of fixesNamed('variable'))
    if (process.env[name] === value) fixed('variable', name);
  const raise = guarded('raise an agent', raiseAgent);
  const keep = guarded('keep alive', keepAlive);
  const addRequest = http.Agent.prototype.addRequest;
  replace(http.Agent.prototype, 'addRequest', function (...args) {
    raise(this);
    return addRequest.apply(this, args);
  });
  if (fixesNamed('keep-alive').length === 0) return;
  for (const agent of [http.globalAgent, load('https').globalAgent]) keep(agent);
  const agentOn = http.Agent.prototype.on;
  replace(http.Agent.prototype, 'on', function (...args) {
    if (args[0] === 'free') keep(this); // its constructor listens to itself, behind all that it sets
    return agentOn.apply(this, args);
  });
}

/** The size that a fix gives to a limit; null where it is not the one that is to be raised. */
function raisedTo(of, size, where) {
  const fix = fixesNamed('raise').find(
    ([name, old, line]) =>
      name === of && Number(old) === size && (line === '' || where === undefined || line === where),
  );
  return fix === undefined ? null : Number(fix[3]);
}

function raiseAgent(agent) {
  const name = agent.defaultPort === 443 ? 'https.Agent' : 'http.Agent';
  for (const key of ['maxSockets', 'maxTotalSockets']) {
    const size = raisedTo(`${name} ${key}`, agent[key], agentSites.get(agent));
    if (size === null) continue;
    agent[key] = size;
    fixed('raise', `${name} ${key}`);
  }
}

/** undici's pools have it beside their options, its agents hand their options on to the pools that they make. */
function raiseDispatcher(dispatcher) {
  const name = `undici ${dispatcher.constructor.name} connections`;
  const options = keptBy(dispatcher, 'options') || {};
  const own = keptBy(dispatcher, 'connections');
  const size = raisedTo(name, own || options.connections, dispatcherSites.get(dispatcher));
  if (size === null) return;
  if (own) dispatcher[symbolOf(dispatcher, 'connections')] = size;
  if (options.connections) options.connections = size;
  fixed('raise', name);
}

function keepAlive(agent) {
  if (agent.keepAlive) return;
  agent.keepAlive = true;
  agent.options = Object.assign(Object.create(Object.getPrototypeOf(agent.options)), agent.options, {
    keepAlive: true,
  });
  fixed('keep-alive');
}
