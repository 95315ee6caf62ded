/** The trace and the verdict of a run of abreast itself, from the events of its engine, for `get` and `report`. */
export { type Judgement, nowUs, type OwnRecord, type Recorded, RunRecorder } from './run-recorder.ts';
