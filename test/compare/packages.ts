/** The files of a package of npm that is one file. @param name with the packages that it lies within: 'a/node_modules/b' */
export function packageOf(
  name: string,
  version: string,
  code: string,
  more: object = {},
): Record<string, string> {
  const folder = `node_modules/${name}`;
  return {
    [`${folder}/package.json`]: JSON.stringify({
      name: name.split('/node_modules/').at(-1),
      version,
      main: 'index.js',
      ...more,
    }),
    [`${folder}/index.js`]: code,
  };
}
