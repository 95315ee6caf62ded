# Learns of each import, so that a library is wrapped as soon as it is loaded.

class Finder(object):
    """Stands first among the finders, and lets all others find; it only adds a word to what they found."""

    def __init__(self):
        self.busy = set()

    def find_spec(self, name, path=None, target=None):
        if name not in hooks or name in self.busy:
            return None
        self.busy.add(name)
        try:
            for finder in sys.meta_path:
                if finder is self or not hasattr(finder, 'find_spec'):
                    continue
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    self.add_hook(spec)
                    return spec
            return None
        finally:
            self.busy.discard(name)

    def add_hook(self, spec):
        loader = spec.loader
        original = getattr(loader, 'exec_module', None)
        if original is None or isinstance(loader, type):
            return

        def exec_module(module):
            try:
                original(module)
            finally:
                try:
                    del loader.exec_module
                except AttributeError:
                    pass
            run_hooks(spec.name, sys.modules.get(spec.name, module))
        try:
            loader.exec_module = exec_module
        except Exception as error:
            trace.trouble('loader of ' + spec.name, error)

    # Python 2.7

    def find_module(self, name, path=None):
        return self if PY2 and name in hooks and name not in self.busy else None

    def load_module(self, name):
        self.busy.add(name)
        try:
            __import__(name)
            module = sys.modules[name]
        finally:
            self.busy.discard(name)
        run_hooks(name, module)
        return module
