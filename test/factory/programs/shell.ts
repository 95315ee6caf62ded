import type { Program } from '../program.ts';
import { type Bodies, linesOf, type Text } from './text.ts';

const BODIES: Bodies = {
  none: `
while read -r url; do
  curl -s -o /dev/null "$url" &
done < urls.txt
wait`,
  loop: `
while read -r url; do
  curl -s -o /dev/null "$url"
done < urls.txt`,
  pool: 'xargs -n 1 -P K_AT_A_TIME curl -s -o /dev/null < urls.txt',
  batch: `
xargs -n K_AT_A_TIME < urls.txt | while read -r some; do
  for url in $some; do
    curl -s -o /dev/null "$url" &
  done
  wait
done`,
  'none/1': `curl -s --parallel --parallel-max 50 $(sed 's/^/-o \\/dev\\/null /' urls.txt)`,
  'loop/1': `curl -s $(sed 's/^/-o \\/dev\\/null /' urls.txt)`,
  'pool/1': `curl -s --parallel --parallel-max K_AT_A_TIME $(sed 's/^/-o \\/dev\\/null /' urls.txt)`,
};

/** A script of bash. */
export function shell(program: Program): Text {
  const source = `
${program.login ? 'curl -s -o /dev/null "$BASE/login?ms=80"' : ''}
${linesOf(BODIES, program)}
`;
  return { file: 'program.sh', language: 'shell', source };
}
