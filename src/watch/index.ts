/**
 * Runs any program under recorders, and gives what it did as one trace.
 *
 * 1. `watch.ts` asks each recorder of `recorders/list.ts` (`recorders/recorder.ts` says what a recorder is) what it
 *    adds to the command and its environment, and starts it: under strace (`recorders/syscalls`), where it may trace,
 *    with a probe in every Python, Node and Ruby (`recorders/python`, `recorders/node`, `recorders/ruby`). A probe is
 *    one file that needs nothing: `python/sitecustomize.py`, `node/probe.cjs` and `ruby/abreast_probe.rb` are joined
 *    from parts beside them (`node scripts/python-probe.ts`, `node-probe.ts`, `ruby-probe.ts`).
 * 2. The output of strace is parsed while the program runs; each probe writes the trace of its process into a folder of
 *    the run. `live/` follows both for `--live`, and `view/live.ts` draws what it finds.
 * 3. `merge/` makes one trace of all: it aligns their clocks, renumbers ids, and joins connections by their addresses
 *    and exchanges by their position. The probes know what was wanted, the system calls what was sent. `missed.ts` says
 *    what nobody could see.
 * 4. `trace` writes it, without secrets. `formats` opens it like any other recording (`open.ts` recognizes HAR, OTLP
 *    and Jaeger by their content), `diagnose` judges it (`judge-trace.ts`), and `view` prints the verdict.
 */
export { findCommand, type Unusable } from './command.ts';
export { examine } from './doctor.ts';
export { type Elsewhere, elsewhere } from './elsewhere.ts';
export { joinTraces } from './join.ts';
export { newestTrace, newTrace, traceFolder } from './keep.ts';
export { kitVariables, languagesOfKit, writeKit } from './kit.ts';
export { Live, type LiveFigures } from './live/live.ts';
export { fixVariables } from './recorders/probe.ts';
export type { Finding, Launched } from './recorders/recorder.ts';
export { type Streams, type Watched, type WatchOptions, watch } from './watch.ts';
