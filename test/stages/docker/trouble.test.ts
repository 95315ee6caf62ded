import assert from 'node:assert/strict';
import { test } from 'node:test';
import { troubleIn } from '../../../src/stages/docker/trouble.ts';

/** As the tools print it, and what is told instead. */
const CASES: readonly (readonly [printed: string, told: RegExp])[] = [
  [
    'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?',
    /^Docker is installed, but not running: /,
  ],
  [
    'error during connect: Get "http://%2F%2F.%2Fpipe%2Fdocker_engine/v1.24/version": open //./pipe/docker_engine',
    /^Docker is installed, but not running: /,
  ],
  [
    'permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock',
    /^you may not use Docker: .*usermod -aG docker/,
  ],
  [
    'Got permission denied while trying to connect to the Docker daemon socket: dial unix: connect: permission denied',
    /^you may not use Docker: /,
  ],
  [
    'Step 2/14 : FROM python:2.7.18-slim\nmanifest for python:2.7.18-slim not found: manifest unknown',
    /^an image can't be had: manifest for python:2\.7\.18-slim not found/,
  ],
  [
    'failed to solve: python:3.7.16-slim: failed to resolve source metadata for docker.io/library/python:3.7.16-slim',
    /^an image can't be had: .*python:3\.7\.16-slim/,
  ],
  [
    'Error response from daemon: Get "https://registry-1.docker.io/v2/": dial tcp: lookup registry-1.docker.io: no such host',
    /^an image can't be had: Get .*no such host/,
  ],
  [
    'Retrying (Retry(total=0)) after connection broken by NewConnectionError\nERROR: Could not find a version that satisfies the requirement urllib3==1.24.1\nERROR: No matching distribution found for urllib3==1.24.1',
    /^PyPI can't be reached from docker build: ERROR: No matching distribution found for urllib3==1\.24\.1$/,
  ],
  [
    "Service 'stage5-2.7' needs to be built, but --no-build was passed.",
    /^not all images are there, .*: abreast stages prepare --docker, once$/,
  ],
  ['exec /usr/local/bin/python: exec format error', /can not run amd64 images/],
  ['write /var/lib/docker/tmp/x: no space left on device', /^no space left for images/],
  ['Building a\nERROR: something new\nmore of it', /^ERROR: something new$/],
  ['\n', /^it says nothing$/],
];

for (const [printed, told] of CASES) {
  test(`of ${JSON.stringify(printed.slice(0, 60))} one line is told`, () => {
    assert.match(troubleIn(printed), told);
    assert.ok(!troubleIn(printed).includes('\n'));
  });
}
