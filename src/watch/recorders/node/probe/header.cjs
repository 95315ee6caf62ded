/**
 * abreast's recorder for Node: what became of every HTTP request of this process, written as a trace.
 *
 *     NODE_OPTIONS=--require=/path/of/probe.cjs ABREAST_TRACE=trace.jsonl node report.js
 *
 * It loads nothing but Node's own modules, records on Node 18 and newer, and does nothing on older ones, which still
 * have to be able to read it: nothing here is newer than Node 8's JavaScript. It never throws into the program.
 *
 * `ABREAST_TRACE` names the file of the first process; `%p` in it becomes the process id. Every other process, and
 * every worker thread, writes beside it: `trace.jsonl` -> `trace.PID.jsonl`. A file that an earlier run left is
 * replaced. `ABREAST_KEEP_URLS=1` keeps credentials in URLs.
 *
 * Joined from the parts in probe/ by `node scripts/node-probe.ts`.
 */
// biome-ignore-all lint/complexity/useOptionalChain: Node 8 has to be able to read this file
// biome-ignore-all lint/correctness/noUnusedVariables: nor does it know `catch` without a variable
// biome-ignore-all lint/style/useNodejsImportProtocol: nor the prefix
'use strict';

const VERSION = '1';
const pattern = process.env.ABREAST_TRACE;
const major = Number(process.versions.node.split('.')[0]);
const records = Boolean(pattern) && major >= 18;
const keepUrls = Boolean(process.env.ABREAST_KEEP_URLS);
const debug = Boolean(process.env.ABREAST_DEBUG);

/** Older versions of Node lack some of them, and a process that is not recorded needs none. */
const load = (name) => (records ? require(name) : {});
const channel = load('diagnostics_channel').channel;
const fs = load('fs');
const http = load('http');
const net = load('net');
const os = load('os');
const path = load('path');
const performance = load('perf_hooks').performance;
const threads = load('worker_threads');
const setTimer = setInterval;
