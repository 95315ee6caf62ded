// Agents of node:http: where they were made, and how many connections they may have.

const agents = new WeakSet();
const agentSites = new WeakMap();

/** Where an agent was made: its constructor listens to itself. */
function installAgents() {
  const agentOn = http.Agent.prototype.on;
  replace(http.Agent.prototype, 'on', function (...args) {
    if (args[0] === 'free' && !agentSites.has(this)) agentSites.set(this, guarded('agent', siteHere)());
    return agentOn.apply(this, args);
  });
}

function limitsOfAgent(agent) {
  if (agents.has(agent)) return;
  agents.add(agent);
  if (fixes.length > 0) raiseAgent(agent);
  const where = agentSites.get(agent);
  const name = agent.defaultPort === 443 ? 'https.Agent' : 'http.Agent';
  limit('connections-per-host', `${name} maxSockets`, agent.maxSockets, where);
  limit('connections', `${name} maxTotalSockets`, agent.maxTotalSockets, where);
  if (agent.keepAlive === false) limit('keep-alive', `${name} keepAlive`, 0, where);
}
