import { runChild } from '../../../stages/index.ts';
import { CompareError } from '../../error.ts';

/**
 * Run by the Python of the new environment, in which pip has a reader of TOML where Python has none. Prints the lines of a
 * requirements file: the main group, without extras. Poetry writes markers and groups since 2.0, categories before 1.5.
 */
const LINES = `import sys
try:
    import tomllib
except ImportError:
    from pip._vendor import tomli as tomllib
with open(sys.argv[1], 'rb') as file:
    lock = tomllib.load(file)
old_files = lock.get('metadata', {}).get('files', {})
urls, lines, all_hashes = [], [], True
for package in lock.get('package', []):
    if package.get('optional') or 'main' not in package.get('groups', [package.get('category', 'main')]):
        continue
    name, source = package['name'], package.get('source', {})
    markers = package.get('markers', '')
    markers = markers.get('main', '') if isinstance(markers, dict) else markers
    hashes = [each['hash'] for each in package.get('files') or old_files.get(name, [])]
    if source.get('type') in ('directory', 'file'):
        sys.exit('%s is a folder or a file of the project' % name)
    if source.get('type') in ('git', 'url'):
        commit = '@' + source['resolved_reference'] if source['type'] == 'git' else ''
        wanted = '%s @ %s%s%s' % (name, 'git+' if commit else '', source['url'], commit)
        hashes = []
    else:
        wanted = '%s==%s' % (name, package['version'])
        urls += [source['url']] if source.get('type') == 'legacy' and source['url'] not in urls else []
    all_hashes = all_hashes and bool(hashes)
    lines.append((wanted + (' ; ' + markers if markers else ''), hashes))
for url in urls:
    print('--extra-index-url ' + url)
for wanted, hashes in lines:
    print(' '.join([wanted] + (['--hash=' + each for each in hashes] if all_hashes else [])))
`;

/** What a poetry.lock has installed, as a requirements file. @throws CompareError where it can't be installed elsewhere */
export async function poetryLines(given: string, file: string, python: string): Promise<string> {
  const { code, out, err } = await runChild([python, '-c', LINES, file]);
  if (code === 0) return out;
  const why = err.trim().split('\n').at(-1);
  throw new CompareError(
    `${given}: ${why}: write its requirements with poetry export, or make both venvs and give these`,
  );
}
