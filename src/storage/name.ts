/** Whether a text can be the name of a file: it does not lead out of the storage, and is not like that of a scratch file. */
export function isName(text: string): boolean {
  return text.split('/').every((part) => part !== '' && !part.startsWith('.') && !/[\0\\]/.test(part));
}

/** @throws TypeError for a name that a storage can't have. */
export function checkName(name: string): void {
  if (!isName(name)) throw new TypeError(`'${name}' can't be a name in a storage`);
}
