/** Records what becomes of a Ruby program's HTTP requests, from inside: one file that Ruby loads at its start. */
import { basename, delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Probe } from '../recorder.ts';
import { examineRuby, VERSIONS } from './examine.ts';
import { isRuby, rubyHindrance } from './hindrance.ts';

export const ruby: Probe = {
  language: 'Ruby',
  versions: VERSIONS,
  file: fileURLToPath(new URL('./abreast_probe.rb', import.meta.url)),
  fits: ([program = '']) => isRuby(program),
  variables: loading,
  hindrance: rubyHindrance,
  keptOutBy: 'its RUBYOPT was replaced, or it is older than Ruby 2.7',
  modules: 'net/http',
  example: 'ruby report.rb',
  remark: '`ruby --disable=rubyopt` does not load the probe.',
  examine: ({ PATH }) => [examineRuby(PATH, loading(ruby.file, {}))],
};

/** RUBYOPT knows no quotes: a folder with a space in its name has to be where Ruby looks for libraries. */
function loading(file: string, { RUBYOPT, RUBYLIB }: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const rest = RUBYOPT ? ` ${RUBYOPT}` : '';
  if (!/\s/.test(file)) return { RUBYOPT: `-r${file}${rest}` };
  return {
    RUBYOPT: `-r${basename(file)}${rest}`,
    RUBYLIB: dirname(file) + (RUBYLIB ? delimiter + RUBYLIB : ''),
  };
}
