// The packages that were loaded.

/** The package that a file is of; null where no package.json with a name and a version is above it. */
function packageAround(file) {
  for (let where = path.dirname(file); where !== path.dirname(where); where = path.dirname(where)) {
    try {
      const { name, version } = JSON.parse(fs.readFileSync(`${where}/package.json`, 'utf8'));
      if (name !== undefined && version !== undefined) return { name, version, where };
    } catch (error) {
      // the next folder up may have one
    }
  }
  return null;
}

/** The packages that were loaded by require, with their versions. */
function modules() {
  const found = new Map();
  for (const name of Object.keys(require.cache)) {
    const at = name.lastIndexOf('/node_modules/');
    if (at < 0) continue;
    const parts = name.slice(at + 14).split('/');
    const packageName = parts[0].startsWith('@') ? `${parts[0]}/${parts[1]}` : parts[0];
    const where = name.slice(0, at + 14) + packageName;
    if (found.has(where) || found.size >= 300) continue;
    const module = { name: packageName, where };
    try {
      module.version = JSON.parse(fs.readFileSync(`${where}/package.json`, 'utf8')).version;
    } catch (error) {
      // a package without its file is still a module that was loaded
    }
    found.set(where, module);
  }
  return [...found.values()];
}
