import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { lay, temporaryFolder } from '../folder.ts';

/** A story of one short wait, in Node, whose second stage does one request after the other. */
export const TINY = `id: tiny
title: A tiny story
summary: Two stages.
path: /delay/0.3
runtimes: [{ id: node, language: node }]
programs:
  serial: { name: loop, command: [program.mjs, '{n}', '{url}', one-by-one] }
  concurrent: { name: all, command: [program.mjs, '{n}', '{url}'] }
defaults: { stages: [1, 2], protocols: [http], n: [4] }
stages:
  - id: 1
    title: quick
    text: All at once.
    runs: [{ runtimes: [node], expected: fast }]
  - id: 2
    title: slow
    text: One by one.
    runs: [{ runtimes: [node], environment: { ONE_BY_ONE: yes }, expected: slow }]
scenes:
  - { id: hello, title: a greeting, text: It greets., command: [hello.mjs], words: true, server: false, stage: 1 }
  - { id: asked, title: what is asked, text: The URL., command: [hello.mjs, '{n}', '{url}'], stage: 1 }
`;

const PROGRAM = `process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
import { get } from 'node:http';
const [n, url, how] = process.argv.slice(2);
const serial = how === 'one-by-one' || process.env.ONE_BY_ONE === 'yes';
const one = () => new Promise((resolve, reject) =>
  get(url, { agent: false }, (answer) => answer.resume().on('end', () => resolve(answer.statusCode))).on('error', reject));
const started = performance.now();
const statuses = [];
if (serial) for (let i = 0; i < n; i++) statuses.push(await one());
else statuses.push(...await Promise.all(Array.from({ length: n }, one)));
console.log('some other output');
console.log(JSON.stringify({
  n: Number(n), ok: statuses.filter((status) => status === 200).length, seconds: (performance.now() - started) / 1000,
  socket: ['net.Socket'], version: process.versions.node,
}));
`;

const HELLO = `console.log('hello', ...process.argv.slice(2));\n`;

/** The tiny story in a folder, changed as a test wants it. */
export function tinyStory(t: TestContext, change: (story: string) => string = (story) => story): string {
  const folder = temporaryFolder(t);
  const files = { 'story.yaml': change(TINY), 'program.mjs': PROGRAM, 'hello.mjs': HELLO };
  lay(folder, files);
  return join(folder);
}
