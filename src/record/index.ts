/** A run of abreast itself, from what its engine tells of it: its trace and its verdict, for `get` and `report`. */
export { type Judgement, nowUs, type OwnRecord, type Recorded, RunRecorder } from './run-recorder.ts';
