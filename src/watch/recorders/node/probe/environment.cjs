// What the process was made of.

function environment(loaded) {
  limit(
    'name-threads',
    'libuv threads',
    Number(process.env.UV_THREADPOOL_SIZE) || 4,
    process.env.UV_THREADPOOL_SIZE ? 'UV_THREADPOOL_SIZE' : 'libuv',
  );
  limitsWritten = limits.size;
  return {
    kind: 'environment',
    pid,
    language: 'node',
    version: process.versions.node,
    modules: loaded,
    limits: [...limits.values()].map((each) => (loaded === undefined ? each : placed(each, loaded))),
  };
}

/** Node's own agents exist before any program: a limit of theirs is assigned, and its place is that line, if only one does. */
function placed(limit, loaded) {
  const found = limit.setAt === undefined ? /Agent (max\w+)$/.exec(limit.of) : null;
  if (found === null) return limit;
  const places = assignmentsOf(found[1]);
  if (places.length !== 1) return limit;
  const module = packageAround(places[0].file);
  if (module !== null && !loaded.some(({ where }) => where === module.where)) loaded.push(module);
  return Object.assign({}, limit, { setAt: `${places[0].file}:${places[0].line}` });
}

/** Lines of what was loaded that assign to this property. */
function assignmentsOf(property) {
  const assignment = new RegExp(`\\.${property}\\s*=[^=]`);
  const places = [];
  for (const file of new Set([...Object.keys(require.cache), process.argv[1]])) {
    if (file === undefined || file === __filename) continue;
    let text = '';
    try {
      text = fs.readFileSync(file, 'utf8');
    } catch (error) {
      // what can't be read can't be searched: it was made by the program, or is gone
    }
    if (!text.includes(property)) continue;
    text.split('\n').forEach((line, at) => {
      if (assignment.test(line)) places.push({ file, line: at + 1 });
    });
  }
  return places;
}
