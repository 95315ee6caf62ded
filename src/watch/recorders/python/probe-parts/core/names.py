# How errors, origins and addresses are written.

def error_name(error):
    """The class of an error; where it only wraps what the system said, that: EADDRNOTAVAIL."""
    inner = error
    for _ in range(8):
        if isinstance(inner, EnvironmentError) and inner.errno is not None:
            said = errno.errorcode.get(inner.errno) if type(inner) is OSError else None
            return said or type(inner).__name__
        inner = getattr(inner, '__cause__', None) or getattr(inner, '__context__', None)
    return type(error).__name__


def origin_of(scheme, host, port):
    host, scheme = text_of(host) or '', text_of(scheme)
    if ':' in host and not host.startswith('['):
        host = '[%s]' % host
    if port is None or (scheme, port) in (('http', 80), ('https', 443)):
        return '%s://%s' % (scheme, host)
    return '%s://%s:%d' % (scheme, host, port)


def target_of(method, url):
    url = text_of(url) if isinstance(url, (str, bytes, TEXT)) else str(url)
    scheme, _, rest = url.partition('://')
    return method, '%s://%s' % (scheme, rest.partition('/')[0].partition('?')[0].rpartition('@')[2]), url


def address_text(address):
    try:
        return ('[%s]:%d' if ':' in address[0] else '%s:%d') % tuple(address[:2])
    except Exception:
        return None
