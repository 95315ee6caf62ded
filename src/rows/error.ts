/** What is wrong with an input, where ('urls.txt:17'), and what to do: for the user, as it is. */
export class InputError extends Error {
  override readonly name = 'InputError';
}
