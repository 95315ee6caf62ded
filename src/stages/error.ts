/** Why a story cannot run, and what to do about it; shown to the user unchanged. */
export class StagesError extends Error {
  override readonly name = 'StagesError';
}
