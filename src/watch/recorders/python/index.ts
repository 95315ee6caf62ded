/** Records what becomes of a Python program's HTTP requests, from inside: one file that Python loads at its start. */
export { pythonEnvironment, pythonProbe } from './environment.ts';
export { pythonHindrance } from './hindrance.ts';
