/** Whoever loads this has all of the process be polite: instrumentation, proxies and retries come in the same way. */
'use strict';

const most = Number(process.env.POLITE_SOCKETS ?? 1);
for (const { globalAgent } of [require('node:http'), require('node:https')]) {
  globalAgent.maxSockets = most;
}
