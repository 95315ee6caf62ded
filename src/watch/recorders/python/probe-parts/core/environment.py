# What this process is made of: versions, limits, and what was replaced by which module.

class EnvironmentRecord(object):
    """What this process is made of. Written when the first requests are a second old, and at the end: the last counts."""

    def __init__(self):
        self.limits = {}
        self.written = False
        self.stale = False

    def write(self):
        self.written, self.stale = True, False
        try:
            fields = [('pid', trace.pid), ('language', 'python'), ('version', python_version()),
                      ('modules', modules()), ('patches', told_by_libraries('patches')),
                      ('limits', self.all_limits())]
            trace.write(line_of('environment', fields))
        except Exception as error:
            trace.trouble('environment', error)

    def all_limits(self):
        found = []
        for kind, name, value, where, blocks in list(self.limits):
            limit = {'kind': kind, 'size': value, 'of': name}
            if blocks is not None:
                limit['blocks'] = blocks
            if where:
                limit['setAt'] = where
            found.append(limit)
        return found + told_by_libraries('limits')


environment = EnvironmentRecord()


tellers = {'limits': [], 'patches': []}


def tells(what):
    """For a function whose list is added to the record: a library's patches, or its limits."""
    def decorate(function):
        tellers[what].append(function)
        return function
    return decorate


def told_by_libraries(what):
    found = []
    for teller in tellers[what]:
        try:
            found += teller()
        except Exception as error:
            trace.trouble('%s of %s' % (what, teller.__name__), error)
    return found


@tells('limits')
def open_files():
    resource = sys.modules.get('resource')
    if resource is None:
        try:
            import resource
        except ImportError:
            return []
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return [{'kind': 'open-files', 'size': files, 'of': 'open files'}] if 0 < files < 1 << 31 else []


def remember_limit(kind, name, value, where=None, blocks=None):
    if isinstance(value, WHOLE) and value < 1 << 31 and len(environment.limits) < 200:
        key = (kind, name, value, where, blocks)
        if key not in environment.limits:
            environment.limits[key] = True
            environment.stale = True


RESOURCE_TYPES = {'permits': 'semaphore', 'workers': 'executor', 'rate': 'rate', 'connections': 'connection-pool'}
NAME_THEIR_OWN = ('httpcore', 'urllib3')  # libraries whose parts here name their limits


def remember_size(owner, kind, name, argument, default):
    """The sizes of semaphores and the like, where somebody makes them."""
    def made(self, *args, **kwargs):
        value = kwargs.get(argument, args[0] if args else default)
        frame = outside()
        if value and not any(name in frame.f_code.co_filename for name in NAME_THEIR_OWN):
            remember_limit(kind, name, value, users_line(frame))
        new_resource(self, RESOURCE_TYPES[kind], class_name(type(self)), value)
    wrap(owner, '__init__', made)
