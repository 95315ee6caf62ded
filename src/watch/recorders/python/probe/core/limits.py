def error_name(error):
    return type(error).__name__


def origin_of(scheme, host, port):
    host, scheme = text_of(host) or '', text_of(scheme)
    if ':' in host and not host.startswith('['):
        host = '[%s]' % host
    if port is None or (scheme, port) in (('http', 80), ('https', 443)):
        return '%s://%s' % (scheme, host)
    return '%s://%s:%d' % (scheme, host, port)


def remember_limit(kind, name, value, where=None, blocks=None):
    if isinstance(value, WHOLE) and value < 1 << 31 and len(environment.limits) < 200:
        key = (kind, name, value, where, blocks)
        if key not in environment.limits:
            environment.limits[key] = True
            environment.stale = True
