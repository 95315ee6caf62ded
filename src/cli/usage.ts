/** What is wrong with the command line, for the user as it is. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** The errors whose message is all that a user needs. */
export function isForUser(error: unknown): error is Error {
  return error instanceof Error && /^(Usage|Input|Store|Trace|Document|Report|Stages)Error$/.test(error.name);
}
