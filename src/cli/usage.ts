/** What is wrong with the command line, for the user as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}
