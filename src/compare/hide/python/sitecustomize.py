"""abreast compare: hides distributions from a Python program, or puts others in front of them, for one run.

Python loads it at start because of its name; a sitecustomize of your own is loaded after it. Standard library only,
Python 2.7 and 3.x. Where it can't do its work it says so in its mark and leaves the program as it is.

`ABREAST_HIDE` has the names of modules that can't be imported ('OpenSSL', 'google.protobuf'), `ABREAST_HIDE_NAMES`
those of their distributions, which have no metadata. `ABREAST_OVERLAY` is a folder like site-packages, which comes
before all others. In the folder `ABREAST_HIDE_MARK` each process writes a file: that the hook ran, and which hidden
modules somebody asked for.
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


class Without(object):
    """A finder of Python 3 that does not find what is hidden: find_spec() says None, as for what is not installed."""

    def __init__(self, finder, hidden):
        self._finder, self._hidden = finder, hidden

    def __getattr__(self, name):
        return getattr(self._finder, name)

    def find_spec(self, name, path=None, target=None):
        find = getattr(self._finder, 'find_spec', None)
        return None if find is None or self._hidden.has(name) else find(name, path, target)

    def find_distributions(self, *args, **named):
        find = getattr(self._finder, 'find_distributions', None)
        return [] if find is None else [each for each in find(*args, **named) if not self._is_hidden(each)]

    def _is_hidden(self, distribution):
        try:
            return plain(distribution.metadata['Name'] or '') in self._hidden.distributions
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


def hide(hidden):
    for name in sorted(sys.modules):
        if any(name == module or name.startswith(module + '.') for module in hidden.modules):
            hidden.mark.tell('loaded ' + name)
            del sys.modules[name]
    if sys.version_info[0] == 2:
        sys.meta_path.insert(0, Refuser(hidden))
    else:
        sys.meta_path[:] = [Without(finder, hidden) for finder in sys.meta_path]


def overlay(folder):
    """Before the first folder of packages, with its .pth files read as those of every site-packages are."""
    import site
    before = list(sys.path)
    site.addsitedir(folder)
    added = [entry for entry in sys.path if entry not in before]
    at = [number for number, entry in enumerate(before) if entry.rstrip(os.sep).endswith('-packages')]
    first = at[0] if at else len(before)
    sys.path[:] = before[:first] + added + before[first:]


def install():
    mark = Mark(os.environ['ABREAST_HIDE_MARK'])
    try:
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
