/**
 * A small HTTP client, as programs install hundreds. Like many it uses what it finds beside it: nobody who reads the
 * program sees that.
 */
'use strict';

const http = require('node:http');
const https = require('node:https');

try {
  require('polite-agent');
} catch (error) {
  if (error.code !== 'MODULE_NOT_FOUND') throw error;
}

/** GETs a URL: status, text, and the classes of the socket that it came through. */
function get(url, { agent, sees }) {
  return new Promise((resolve, reject) => {
    const { get } = url.startsWith('https:') ? https : http;
    const request = get(url, { agent, rejectUnauthorized: false }, async (response) => {
      const answer = { status: response.statusCode, text: '', socket: classesOf(response.socket) };
      sees(answer);
      response.setEncoding('utf8');
      try {
        for await (const piece of response) answer.text += piece;
        resolve(answer);
      } catch (error) {
        reject(error);
      }
    });
    request.on('error', reject);
  });
}

/** From the outside in: a TLS socket is one, too. */
function classesOf(socket) {
  return socket.encrypted ? ['tls.TLSSocket', 'net.Socket'] : ['net.Socket'];
}

/** An agent that nobody else has, for URLs like this one. */
function agentFor(url) {
  const { Agent } = url.startsWith('https:') ? https : http;
  return new Agent({ keepAlive: true });
}

module.exports = { get, agentFor };
