/** What is wrong with an input, where ('urls.txt:17'), and what to do: for the user, as it is. */
export class InputError extends Error {
  override readonly name = 'InputError';
}

/** Of a place that should have at least one URL, or at least a header line. */
export function nothingIn(name: string): InputError {
  return new InputError(`${name}: there is no URL in it.`);
}
