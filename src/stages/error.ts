/** What keeps a story from being told, and what to do about it, for the user as it is. */
export class StagesError extends Error {
  override readonly name = 'StagesError';
}
