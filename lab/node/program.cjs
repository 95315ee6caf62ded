/**
 * n GETs of one slow URL, one after the other or at once: how long do they take?
 *
 *     node program.cjs serial     5 http://127.0.0.1:8080/delay/1     about 5 s
 *     node program.cjs concurrent 5 http://127.0.0.1:8080/delay/1     about 1 s. If it is so
 *
 * Answers are told on standard error as they come. When all is over, one line of JSON on standard output says what came
 * of it. `--own-agent` has the GETs go through an agent that nobody else knows of.
 */
'use strict';

const { get, agentFor } = require('./client.cjs');

async function oneByOne(urls, options) {
  const answers = [];
  for (const url of urls) answers.push(await attempt(url, options));
  return answers;
}

function allAtOnce(urls, options) {
  return Promise.all(urls.map((url) => attempt(url, options)));
}

/** The answer, or what was thrown. */
function attempt(url, options) {
  return get(url, options).catch((error) => error);
}

async function main([way, n, url, ...flags]) {
  const urls = Array.from({ length: Number(n) }, (_, i) => `${url}${url.includes('?') ? '&' : '?'}get=${i}`);
  const agent = flags.includes('--own-agent') ? agentFor(url) : undefined;
  const started = performance.now();
  const seconds = () => Number(((performance.now() - started) / 1000).toFixed(3));
  console.error(`${n} GETs of ${url}, ${way}`);
  let seen = 0;
  const sees = ({ status }) =>
    console.error(`${seconds().toFixed(2).padStart(8)} s  answer ${++seen}: ${status}`);

  const answers = await { serial: oneByOne, concurrent: allAtOnce }[way](urls, { agent, sees });

  const took = seconds();
  agent?.destroy();
  const ok = answers.filter((answer, i) => isRight(answer, urls[i])).length;
  const errors = [
    ...new Set(answers.filter((answer) => answer instanceof Error).map(({ message }) => message)),
  ];
  console.error([`${ok} of ${n} in ${took.toFixed(2)} s`, ...errors].join('\n'));
  console.log(
    JSON.stringify({
      n: urls.length,
      ok,
      seconds: took,
      socket: answers.find(({ socket }) => socket)?.socket ?? [],
      version: process.versions.node,
      modules: modules(),
      errors,
    }),
  );
  process.exitCode = ok === urls.length ? 0 : 1;
}

/** Whether it is the answer to this GET: where the server tells what URL it was asked for, it has to be this one. */
function isRight(answer, url) {
  if (answer instanceof Error || answer.status !== 200) return false;
  try {
    return JSON.parse(answer.text).url.split('?')[1] === url.split('?')[1];
  } catch {
    return true; // no httpbin
  }
}

/** Packages that are loaded, wherever they came from. */
function modules() {
  const loaded = {};
  for (const file of Object.keys(require.cache)) {
    try {
      const { name, version } = require(require('node:path').join(file, '../package.json'));
      if (version) loaded[name] = version;
    } catch {
      // a file of the program itself
    }
  }
  return loaded;
}

main(process.argv.slice(2));
