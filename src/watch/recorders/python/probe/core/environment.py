# Environment -------------------------------------------------------------------------------------------------------

PATCHABLE = {'socket': ('socket', 'create_connection', 'getaddrinfo'), 'ssl': ('SSLContext', 'SSLSocket', 'wrap_socket'),
             'select': ('select', 'poll', 'epoll'), 'time': ('sleep',), 'threading': ('Lock', 'local'),
             'thread': ('start_new_thread', 'allocate_lock'), '_thread': ('start_new_thread', 'allocate_lock'),
             'os': ('fork',), 'subprocess': ('Popen',), 'queue': ('Queue', 'SimpleQueue'),
             'selectors': ('DefaultSelector',)}
DISTRIBUTIONS = {'OpenSSL': 'pyOpenSSL', 'twisted': 'Twisted', 'scrapy': 'Scrapy', 'dns': 'dnspython',
                 'flask': 'Flask', 'werkzeug': 'Werkzeug', 'yarl': 'yarl'}


class EnvironmentRecord(object):
    """What this process is made of. Written when the first requests are a second old, and at the end: the last counts."""

    def __init__(self):
        self.limits = {}
        self.injected = None
        self.written = False
        self.stale = False

    def write(self):
        self.written, self.stale = True, False
        try:
            fields = [('pid', trace.pid), ('language', 'python'), ('version', python_version()),
                      ('modules', modules()), ('patches', patches() + self.overrides()),
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
        resource = sys.modules.get('resource')
        if resource is None:
            try:
                import resource
            except ImportError:
                resource = None
        if resource is not None:
            files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
            if 0 < files < 1 << 31:
                found.append({'kind': 'open-files', 'size': files, 'of': 'open files'})
        hub = gevent_hub()
        if hub is not None:
            pool = getattr(hub, '_threadpool', None)
            size = getattr(pool, 'maxsize', None) or getattr(hub, 'threadpool_size', None)
            if size:
                found.append({'kind': 'name-threads', 'size': size, 'of': 'gevent resolver threads'})
        return found

    def overrides(self):
        found = []
        seen = set()
        for prefix in ('urllib3', 'requests.packages.urllib3', 'pip._vendor.urllib3'):
            for place, name in (('util.ssl_', 'SSLContext'), ('connection', 'ssl_wrap_socket')):
                module = sys.modules.get('%s.%s' % (prefix, place))
                replaced = getattr(module, name, None)
                if getattr(replaced, '__module__', None) != prefix + '.contrib.pyopenssl' or id(module) in seen:
                    continue
                seen.add(id(module))
                patch = patch_of('%s.%s.%s' % (prefix, place, name), 'pyOpenSSL', version_of('OpenSSL'), self.injected)
                patch['replacement'] = class_name(replaced)
                found.append(patch)
        connection = getattr(sys.modules.get('OpenSSL.SSL'), 'Connection', None)
        if connection is not None and connection.__module__ != 'OpenSSL.SSL':
            owner = connection.__module__.partition('.')[0]
            waits = ('accept', 'connect', 'do_handshake', 'recv', 'recv_into', 'send', 'sendall', 'shutdown')
            left = ['OpenSSL.SSL.Connection.' + name for name in waits if name not in vars(connection)]
            patch = patch_of('OpenSSL.SSL.Connection', owner, version_of(owner), None)
            patch['replacement'] = class_name(connection)
            if left:
                patch['left'] = left
            found.append(patch)
        return found


environment = EnvironmentRecord()
