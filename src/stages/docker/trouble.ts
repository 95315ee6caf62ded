/** What Docker, compose and what runs in them print when something is wrong, and what to tell the user instead. */
const KNOWN: readonly (readonly [pattern: RegExp, tell: (line: string) => string])[] = [
  [
    /permission denied.*docker|docker.*permission denied/i,
    () =>
      'you may not use Docker: join its group (sudo usermod -aG docker "$USER", then log in again), or use sudo',
  ],
  [
    /cannot connect to the docker daemon|is the docker daemon running|error during connect|docker\.sock: (connect|no such)|connection (refused|aborted)/i,
    () => 'Docker is installed, but not running: start Docker Desktop, or sudo systemctl start docker',
  ],
  [/no space left on device/i, () => 'no space left for images: docker system df shows what takes it'],
  [
    /exec format error/i,
    () =>
      'this machine can not run amd64 images: docker run --privileged --rm tonistiigi/binfmt --install amd64',
  ],
  [
    /non-overlapping IPv4 address pool/i,
    () => 'Docker has no network addresses left: docker network prune removes unused networks',
  ],
  [
    /pull access denied|manifest (for .* not found|unknown)|failed to resolve (source metadata|reference)|toomanyrequests|no matching manifest|error pulling image|lookup .*: |(TLS handshake|i\/o) timeout|Client\.Timeout|failed to do request/i,
    (line) => `an image can't be had: ${line.replace(WHERE, '')}`,
  ],
  [
    /needs to be built, but --no-build|No such image/,
    () =>
      'not all images are there, and --offline forbids to fetch them: abreast stages prepare --docker, once',
  ],
  [
    /No matching distribution found|Could not find a version|NewConnectionError|Max retries exceeded|CERTIFICATE_VERIFY_FAILED/,
    (line) => `PyPI can't be reached from docker build: ${line}`,
  ],
];

/** The prefix of a message that says which program printed it. */
const WHERE = /^.*(?:LLB definition|failed to do request|response from daemon): /;

/** In a line, why a command of Docker failed, from what it printed. */
export function troubleIn(printed: string): string {
  const lines = printed
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  for (const [pattern, tell] of KNOWN) {
    const line = lines.findLast((each) => pattern.test(each));
    if (line !== undefined) return tell(line);
  }
  return lines.findLast((line) => /error|fail/i.test(line)) ?? lines.at(-1) ?? 'it says nothing';
}
