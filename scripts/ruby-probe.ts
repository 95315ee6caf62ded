/**
 * `node scripts/ruby-probe.ts`: joins the parts in src/watch/recorders/ruby/probe to the one file that is loaded into Ruby
 * programs, abreast_probe.rb beside them.
 */
import { writeFileSync } from 'node:fs';
import { named, partsIn } from './probe-parts.ts';

const RECORDER = new URL('../src/watch/recorders/ruby/', import.meta.url);
export const PARTS = new URL('probe/', RECORDER);
export const PROBE = new URL('abreast_probe.rb', RECORDER);

/** A Ruby that is too old, or another one, reads the file and does nothing; so does a second load. */
const HEAD = `# frozen_string_literal: true

# Made by scripts/ruby-probe.ts.
if !defined?(AbreastProbe) && RUBY_ENGINE == 'ruby' && (RUBY_VERSION.split('.').map { |part| part.to_i } <=> [2, 7]) >= 0
`;

/** The text of the file. */
export function assembled(): string {
  return `${HEAD}\n${partsIn(PARTS)
    .map((part) => named(part, PARTS, '#'))
    .join('\n')}end\n`;
}

if (import.meta.main) writeFileSync(PROBE, assembled());
