# pyOpenSSL in the place of ssl, and others in its own place.
# supports: pyOpenSSL 19.x-26.x

injected = None  # where urllib3 was told to use pyOpenSSL


@when_imported('urllib3.contrib.pyopenssl', 'requests.packages.urllib3.contrib.pyopenssl')
def hook_injection(module):
    def injects(*_, **__):
        global injected
        injected = place_of(outside())
        environment.stale = True
    wrap(module, 'inject_into_urllib3', injects)


@tells('patches')
def injected_openssl():
    """What urllib3 took from pyOpenSSL in place of its own."""
    found = []
    seen = set()
    for prefix in ('urllib3', 'requests.packages.urllib3', 'pip._vendor.urllib3'):
        for place, name in (('util.ssl_', 'SSLContext'), ('connection', 'ssl_wrap_socket')):
            module = sys.modules.get('%s.%s' % (prefix, place))
            replaced = getattr(module, name, None)
            if getattr(replaced, '__module__', None) != prefix + '.contrib.pyopenssl' or id(module) in seen:
                continue
            seen.add(id(module))
            patch = patch_of('%s.%s.%s' % (prefix, place, name), 'pyOpenSSL', version_of('OpenSSL'), injected)
            patch['replacement'] = class_name(replaced)
            found.append(patch)
    return found


@tells('patches')
def replaced_connection():
    """Which module replaced pyOpenSSL's connection, and which of its waits it did not replace."""
    connection = getattr(sys.modules.get('OpenSSL.SSL'), 'Connection', None)
    if connection is None or connection.__module__ == 'OpenSSL.SSL':
        return []
    owner = connection.__module__.partition('.')[0]
    waits = ('accept', 'connect', 'do_handshake', 'recv', 'recv_into', 'send', 'sendall', 'shutdown')
    left = ['OpenSSL.SSL.Connection.' + name for name in waits if name not in vars(connection)]
    patch = patch_of('OpenSSL.SSL.Connection', owner, version_of(owner), None)
    patch['replacement'] = class_name(connection)
    if left:
        patch['left'] = left
    return [patch]
