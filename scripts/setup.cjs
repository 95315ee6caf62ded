'use strict';

// Runs before `npm start`, `npm test` and the like: installs what package-lock.json names, only when something
// is missing. CommonJS without dependencies, because nothing is installed yet and the Node is whatever is there.

const { spawnSync } = require('node:child_process');
const { existsSync, readFileSync } = require('node:fs');
const path = require('node:path');

const root = path.dirname(__dirname);
const modules = path.join(root, 'node_modules');
const ownNode = path.join(modules, 'node', 'bin', 'node');

const missing = whatIsMissing();
if (missing !== undefined) install(missing);

/** One name of a package that is not installed as package-lock.json has it; undefined when all are. */
function whatIsMissing() {
  const wanted = packagesOf(path.join(root, 'package-lock.json'));
  // npm writes this file last, so an install that was cut short has none.
  const installed = packagesOf(path.join(modules, '.package-lock.json'));
  for (const [place, { version, integrity, optional }] of Object.entries(wanted)) {
    if (place === '' || optional) continue;
    const there = installed[place];
    if (there === undefined || there.version !== version || there.integrity !== integrity) {
      return `${place.replace(/^.*node_modules\//, '')} ${version}`;
    }
  }
  return existsSync(ownNode) ? undefined : 'the Node that runs abreast';
}

function packagesOf(lockfile) {
  return existsSync(lockfile) ? JSON.parse(readFileSync(lockfile, 'utf8')).packages : {};
}

function install(what) {
  const first = existsSync(modules) ? `${what} is not installed` : 'first run';
  process.stderr.write(`setup: ${first}; npm ci fetches what package-lock.json names (about 15 s) ...\n`);
  const startedMs = Date.now();
  const { status, error, stdout, stderr } = npmCi();
  if (status !== 0)
    fail(`${stdout ?? ''}${stderr ?? ''}`, error ? error.message : `npm ci ended with ${status}`);
  if (!existsSync(ownNode)) {
    fail(
      '',
      'npm ran no install scripts, and one of them lays down Node 24: `npm config get ignore-scripts`',
    );
  }
  process.stderr.write(`setup: done in ${((Date.now() - startedMs) / 1000).toFixed(1)} s\n`);
}

function npmCi() {
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error'];
  // npm is about to replace node_modules: it must not run on the Node that lies there.
  const PATH = process.env.PATH.split(path.delimiter)
    .filter((folder) => !folder.startsWith(modules))
    .join(path.delimiter);
  const options = { cwd: root, env: { ...process.env, PATH }, encoding: 'utf8' };
  const { npm_execpath: npm, npm_node_execpath: node } = process.env;
  return npm && node && !node.startsWith(modules)
    ? spawnSync(node, [npm, ...args], options)
    : spawnSync('npm', args, options);
}

function fail(output, why) {
  if (output.trim() !== '') process.stderr.write(`${output.trimEnd()}\n`);
  process.stderr.write(
    `setup: failed: ${why}. Nothing was started. When the cause is gone, run the same command again.\n`,
  );
  process.exit(1);
}
