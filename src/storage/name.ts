/** @throws TypeError for a name that a storage can't have: it would leave its folder, or be taken for a scratch file. */
export function checkName(name: string): void {
  const parts = name.split('/');
  if (parts.some((part) => part === '' || part.startsWith('.') || /[\0\\]/.test(part)))
    throw new TypeError(`'${name}' can't be a name in a storage`);
}
