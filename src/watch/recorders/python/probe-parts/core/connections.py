# Connections of the program, from their opening to their end.

class Route(object):
    """A connection of the program, from its opening to its end."""
    id = origin = dns_from = dns_to = connecting = tcp = tls = connected = fd = exchange = socket = None
    carried = None  # the latest exchange over it
    made = depth = 0
    closing = shares = False  # shares: it carries several exchanges at once

    def __init__(self, origin=None):
        self.origin = origin


def write_connection(route, sock=None, tls=None, protocol='http/1.1', local=None, remote=None):
    """The connection stands. `tls` is the object that encrypts, where the socket itself does not."""
    route.id = next(new_connection_id)
    route.made = 0
    route.shares = protocol in ('h2', 'h3')
    route.connected = now()
    fields = [('id', route.id), ('pid', trace.pid), ('thread', thread_id()), ('origin', route.origin or '')]
    local = local or address_of(sock, 'getsockname')
    remote = remote or address_of(sock, 'getpeername')
    if local:
        fields.append(('local', local))
    if remote:
        fields.append(('remote', remote))
    if route.dns_from is not None:
        fields += [('dnsFromUs', route.dns_from), ('dnsToUs', route.dns_to)]
    if route.connecting is not None:
        fields.append(('connectingUs', route.dns_to if route.dns_to is not None else route.connecting))
    secure = tls if tls is not None else sock
    is_secure = encrypts(secure)
    fields.append(('connectedUs', route.tcp if route.tcp is not None else route.connected))
    fields += [('tlsStartUs', route.tcp if is_secure else None), ('tlsDoneUs', route.connected if is_secure else None)]
    if is_secure:
        try:
            version = secure.version()
        except Exception:
            version = None
        fields.append(('tlsVersion', text_of(version) if isinstance(version, (str, bytes)) else None))
    fields.append(('protocol', protocol))
    if secure is not None:
        fields.append(('socketClass', class_name(type(secure))))
    try:
        route.fd = sock.fileno()
        connection_of_descriptor[route.fd] = route.id
        route.socket = sock
    except Exception:
        route.fd = None
    trace.write(line_of('connection', fields))


def encrypts(sock):
    """Whether it is of `ssl` or of pyOpenSSL."""
    return hasattr(sock, 'getpeercert') or hasattr(sock, 'get_peer_certificate')


def address_of(sock, method):
    try:
        if not hasattr(sock, method):
            sock = getattr(sock, 'socket', None) or sock._sock  # urllib3's and pyOpenSSL's wrappers
        address = getattr(sock, method)()
        if isinstance(address, (str, bytes)):
            return 'unix:' + text_of(address)
        return ('[%s]:%d' if ':' in address[0] else '%s:%d') % tuple(address[:2])
    except Exception:
        return None


def close_connection(route):
    if route is not None and route.id is not None:
        if route.carried is not None and route.carried.answered is not None:
            end_unread(route.carried)
        route.carried = None
        if connection_of_descriptor.get(route.fd) == route.id:
            connection_of_descriptor.pop(route.fd, None)
        trace.write('{"kind":"connectionClosed","id":%d,"atUs":%d}\n' % (route.id, now()))
        route.id = route.socket = None


def rides(exchange, route):
    """The exchange goes over this connection."""
    if exchange is not None and exchange.connection is None and route.id is not None:
        exchange.connection = route.id
        exchange.ordinal = route.made
        exchange.route = route
        route.made += 1
        if route.shares:
            return
        if route.carried is not None and not route.carried.done and route.carried.answered is not None:
            end_unread(route.carried)
        route.carried = exchange


KERNEL_TICK_US = 10000  # at most: its account of ages is by whole ticks
LAST_DATA_RECEIVED = 52  # of tcpi_last_data_recv in struct tcp_info: milliseconds ago


def last_data(route):
    """When the kernel took in the last data of this connection, or None."""
    try:
        return None if route.socket is None or route.socket.fileno() != route.fd else last_data_of(route.socket)
    except Exception:
        return None


def last_data_of(sock):
    try:
        if not LINUX:
            return None
        told = bytearray(sock.getsockopt(6, 11, 104)[LAST_DATA_RECEIVED:LAST_DATA_RECEIVED + 4])
        return now() - 1000 * sum(byte << 8 * at for at, byte in enumerate(told))
    except Exception:
        return None


def readable(exchanges):
    """Those of the exchanges whose socket has something to read. By the real poll, which a module may have replaced."""
    try:
        select = sys.modules.get('select')
        poll = original_of('select', 'poll') or (select and select.poll)
        if not poll:
            return []
        asked = poll()
        of_fd = {}
        for exchange in exchanges:
            fd = exchange.route.fd
            if fd is not None and connection_of_descriptor.get(fd) == exchange.connection:
                of_fd[fd] = exchange
                asked.register(fd, 1)
        return [of_fd[fd] for fd, what in asked.poll(0) if what & 1 and fd in of_fd]
    except Exception:
        return []
