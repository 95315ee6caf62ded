/** Records what becomes of a Python program's HTTP requests, from inside: one file that Python loads at its start. */
import { delimiter, dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Probe } from '../recorder.ts';
import { examinePython, VERSIONS } from './examine.ts';
import { isPython, pythonHindrance } from './hindrance.ts';

/** The probe has to keep its name, sitecustomize, by which Python finds it. One that the user has is loaded after it. */
export const python: Probe = {
  language: 'Python',
  versions: VERSIONS,
  file: fileURLToPath(new URL('./sitecustomize.py', import.meta.url)),
  fits: ([program = '']) => isPython(program),
  variables: (file, { PYTHONPATH }) => ({
    PYTHONPATH: dirname(file) + (PYTHONPATH ? delimiter + PYTHONPATH : ''),
  }),
  hindrance: pythonHindrance,
  keptOutBy: 'its PYTHONPATH was replaced, or another sitecustomize comes first',
  example: 'python report.py',
  remark: '`python -I`, `-E` and `-S` do not load the probe.',
  examine: ({ PATH }) => ['python3', 'python2'].map((name) => examinePython(name, PATH, python.file)),
};
