/** Why a comparison can't be made, and what to do about it; shown to the user unchanged. */
export class CompareError extends Error {
  override readonly name = 'CompareError';
}
