/** A report file, from its text to a report: every fault that the file alone shows, all at once, each with its place. */
export { type ReportNeeds, readNeeds } from './needs.ts';
export {
  checkReport,
  readReport,
  readSharedReport,
  TEST_SERVER,
  TEST_SERVER_TO_BE,
  withTestServerAt,
} from './read.ts';
