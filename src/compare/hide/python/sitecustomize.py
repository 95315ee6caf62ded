"""abreast compare: hides distributions from a Python program, or puts others in front of them, for one run.

Python loads it at start because of its name; a sitecustomize of your own is loaded after it. Standard library only,
Python 2.7 and 3.x. Where it can't do its work it says so in its mark and leaves the program as it is.

`ABREAST_HIDE` has the names of modules that can't be imported ('OpenSSL', 'google.protobuf'), `ABREAST_HIDE_NAMES`
those of their distributions, which have no metadata. `ABREAST_OVERLAY` is a folder like site-packages, which comes
before all others. In the folder `ABREAST_HIDE_MARK` each process writes a file: which Python it is, that the hook ran, and
which hidden modules somebody asked for.
"""
import os
import sys

OWN_FILE = (lambda: 0).__code__.co_filename


def listed(name):
    return [each for each in os.environ.get(name, '').split(os.pathsep) if each]


class Mark(object):
    """What this process tells. Written at once: a program may end in any way."""

    def __init__(self, folder):
        self.file = os.path.join(folder, '%d.mark' % os.getpid())
        self.told = set()

    def tell(self, line):
        if line in self.told:
            return
        self.told.add(line)
        try:
            descriptor = os.open(self.file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            try:
                os.write(descriptor, (line + '\n').encode('utf-8'))
            finally:
                os.close(descriptor)
        except OSError:
            pass


def plain(name):
    return name.lower().replace('_', '-').replace('.', '-')


class Hidden(object):
    """The names that are not to be found."""

    def __init__(self, modules, distributions, mark):
        self.modules = frozenset(modules)
        self.distributions = frozenset(plain(name) for name in distributions)
        self.mark = mark

    def has(self, name):
        parts = name.split('.')
        for length in range(1, len(parts) + 1):
            module = '.'.join(parts[:length])
            if module in self.modules:
                self.mark.tell('asked ' + module)
                return True
        return False

    def has_distribution(self, name):
        return plain(name or '') in self.distributions


class Without(object):
    """A finder of Python 3 that does not find what is hidden: find_spec() says None, as for what is not installed."""

    def __init__(self, finder, hidden):
        self._finder, self._hidden = finder, hidden

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        find = getattr(self._finder, 'find_spec', None)
        spec = None if find is None or self._hidden.has(name) else find(name, path, target)
        if spec is not None and name in LISTS and hasattr(spec.loader, 'exec_module'):
            self._correct_when_executed(spec.loader, LISTS[name])
        return spec

    def _correct_when_executed(self, loader, correct):
        execute = loader.exec_module

        def exec_module(module):
            execute(module)
            correct(module, self._hidden)
        loader.exec_module = exec_module

    def find_distributions(self, *args, **named):
        """A generator: Python 3.8 asks for the next one."""
        find = getattr(self._finder, 'find_distributions', None)
        for each in () if find is None else find(*args, **named):
            if not self._is_hidden(each):
                yield each

    def _is_hidden(self, distribution):
        try:
            return self._hidden.has_distribution(distribution.metadata['Name'])
        except Exception:
            return False


class Refuser(object):
    """Python 2.7 has no finder for what is on sys.path: one that stands first and loads nothing hides it."""

    def __init__(self, hidden):
        self.hidden = hidden

    def find_module(self, name, path=None):
        return self if self.hidden.has(name) else None

    def load_module(self, name):
        raise ImportError('No module named ' + name.rpartition('.')[2])


class Corrector(object):
    """On Python 2.7: has another finder load a module that lists what is installed, and corrects it then."""

    def __init__(self, hidden):
        self.hidden, self.begun = hidden, set()

    def find_module(self, name, path=None):
        return self if name in LISTS and name not in self.begun else None

    def load_module(self, name):
        self.begun.add(name)
        __import__(name)
        LISTS[name](sys.modules[name], self.hidden)
        return sys.modules[name]


def correct_pkgutil(module, hidden):
    find_loader, iter_modules = module.find_loader, module.iter_modules

    def found(name):
        return None if hidden.has(name) else find_loader(name)

    def listed_modules(path=None, prefix=''):
        for each in iter_modules(path, prefix):
            if each[1] not in hidden.modules:
                yield each
    module.find_loader, module.iter_modules = found, listed_modules


def correct_pkg_resources(module, hidden):
    find_distributions, working = module.find_distributions, module.working_set

    def found(*args, **named):
        for each in find_distributions(*args, **named):
            if not hidden.has_distribution(each.project_name):
                yield each
    module.find_distributions = found
    for key in [key for key, each in working.by_key.items() if hidden.has_distribution(each.project_name)]:
        del working.by_key[key]
    for keys in working.entry_keys.values():
        keys[:] = [key for key in keys if key in working.by_key]


def correct_finders(_, hidden):
    """The backport of importlib.metadata brings a finder of its own."""
    sys.meta_path[:] = [each if isinstance(each, Without) else Without(each, hidden) for each in sys.meta_path]


# Modules that look for what is installed in ways of their own.
LISTS = {
    'pkgutil': correct_pkgutil,
    'pkg_resources': correct_pkg_resources,
    'importlib_metadata': correct_finders,
}


def hide(hidden):
    for name in sorted(sys.modules):
        if name != __name__ and any(name == module or name.startswith(module + '.') for module in hidden.modules):
            hidden.mark.tell('loaded ' + name)
            del sys.modules[name]
    if sys.version_info[0] == 2:
        sys.meta_path[:0] = [Refuser(hidden), Corrector(hidden)]
    else:
        correct_finders(None, hidden)
    for name in LISTS:
        if name in sys.modules:
            LISTS[name](sys.modules[name], hidden)


def overlay(folder):
    """Before the first folder of packages, with its .pth files read as those of every site-packages are.

    It has its place before they are read: a line of one that imports a module means the one that lies beside it."""
    import site
    before = list(sys.path)
    at = [number for number, entry in enumerate(before) if entry.rstrip(os.sep).endswith('-packages')]
    first = at[0] if at else len(before)
    sys.path.insert(first, folder)
    site.addsitedir(folder)
    added = [entry for entry in sys.path if entry not in before and entry != folder]
    sys.path[:] = before[:first] + [folder] + added + before[first:]


def install():
    mark = Mark(os.environ['ABREAST_HIDE_MARK'])
    try:
        mark.tell('prefix ' + os.path.realpath(sys.prefix))
        if listed('ABREAST_HIDE') or listed('ABREAST_HIDE_NAMES'):
            hide(Hidden(listed('ABREAST_HIDE'), listed('ABREAST_HIDE_NAMES'), mark))
        for folder in listed('ABREAST_OVERLAY'):
            overlay(folder)
        mark.tell('ran')
    except Exception as error:
        mark.tell('failed %s: %s' % (type(error).__name__, error))


def chain():
    """Loads the sitecustomize that would have been loaded without this one."""
    folder = os.path.dirname(os.path.abspath(OWN_FILE))
    kept = [entry for entry in sys.path if os.path.abspath(entry or '.') != folder]
    sys.path[:] = kept
    ours = sys.modules.pop('sitecustomize', None)
    sys.modules['_abreast_compare'] = ours  # Python 2 empties a module that nobody holds
    try:
        __import__('sitecustomize')
    except ImportError as error:
        missing = getattr(error, 'name', None) or str(error).rpartition(' ')[2].strip("'")
        if missing != 'sitecustomize':
            raise
    finally:
        if ours is not None:
            sys.modules.setdefault('sitecustomize', ours)


if __name__ == 'sitecustomize':
    if os.environ.get('ABREAST_HIDE_MARK'):
        install()
    chain()
