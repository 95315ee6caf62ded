/** What is wrong with a function, its package or its surroundings, and what to do about it. */
export class LambdaError extends Error {
  override readonly name = 'LambdaError';
}
