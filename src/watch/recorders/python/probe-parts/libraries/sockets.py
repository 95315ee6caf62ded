# Requests that no other part knows of: heads of HTTP/1.1 that go over a socket, by whatever client.
# supports: socket Python 3.6-3.14; ssl Python 3.6-3.14

REQUEST_STARTS = frozenset((b'GET ', b'HEAD', b'POST', b'PUT ', b'DELE', b'PATC', b'OPTI'))
LONGEST_HEAD = 65536


class Wire(object):
    """A socket, or what encrypts for one, over which requests go."""
    __slots__ = ('owner', 'route', 'exchange', 'head', 'left', 'is_chunked', 'tail')

    def __init__(self, owner):
        self.owner = owner  # a weak reference
        self.route = None
        self.exchange = None
        self.begin(None)

    def begin(self, exchange):
        self.exchange = exchange
        self.head = b''  # of the answer, until it is whole
        self.left = None  # of the body, where its length is told
        self.is_chunked = False
        self.tail = b''


wires = {}  # id(socket, or what encrypts for one) -> Wire
unbound = {}  # here() or id(task) -> what was encrypted or framed there, and goes with the next bytes sent there
reads_wrapped = []  # what reads from wires, once there are any
sockets_that_read = []


def new_wire(owner):
    address = id(owner)

    def gone(_, address=address):
        wire = wires.pop(address, None)
        if wire is not None and wire.exchange is not None and wire.exchange.answered is not None:
            end_unread(wire.exchange)
    wire = wires[address] = Wire(_ref(owner, gone))
    wrap_reads()
    return wire


def wire_of(owner):
    wire = wires.get(id(owner))
    return wire if wire is not None and wire.owner() is owner else None


def bytes_go(sock, data, *_, **__):
    """Before bytes are sent over a socket."""
    if unbound:
        bind(sock)
    if bytes(data[:4]) in REQUEST_STARTS:
        request_on(sock, data, sock)


def buffers_go(sock, buffers, *_, **__):
    if unbound:
        bind(sock)
    if isinstance(buffers, (list, tuple)) and buffers and bytes(buffers[0][:4]) in REQUEST_STARTS:
        request_on(sock, buffers[0], sock)


def plain_text_goes(encrypts, data, *_):
    """Before an object encrypts: the socket that its bytes go to is not known yet."""
    if bytes(data[:4]) in REQUEST_STARTS and len(unbound) < 1000:
        unbound.setdefault(call_key(), []).append((encrypts, bytes(data[:LONGEST_HEAD])))


def request_on(owner, data, sock):
    key = call_key()
    if key in open_exchange or is_anothers(sock):
        return
    lines = bytes(data[:LONGEST_HEAD]).partition(b'\r\n\r\n')[0].split(b'\r\n')
    words = lines[0].split(b' ')
    if len(words) != 3 or not words[2].startswith(b'HTTP/1.'):
        return
    fields = [line.partition(b':') for line in lines[1:]]
    fields = {name.strip().lower(): value.strip() for name, _, value in fields}
    if b'upgrade' in fields:
        return
    wire = wire_of(owner) or new_wire(owner)
    if wire.exchange is not None and wire.exchange.answered is not None:
        end_unread(wire.exchange)
    expect_exchanges()
    exchange = new_exchange(key)
    wire.begin(exchange)
    scheme = 'http' if type(owner).__module__ in ('socket', 'gevent._socket3', 'eventlet.greenio.base') else 'https'
    host, target = text_of(fields.get(b'host', b'')), text_of(words[1])
    origin = '%s://%s' % (scheme, host)
    if '://' in target[:10]:
        origin = target_of('', target)[1]
    where_to(exchange, text_of(words[0]), origin, target if '://' in target[:10] else origin + target)
    passes(exchange, 'dispatched')
    wire.route = route_of_socket(sock, exchange, 'http/1.1')
    passes(exchange, 'connected')
    rides(exchange, wire.route)
    passes(exchange, 'sent')


def is_anothers(sock):
    """Whether the part of a library knows of this connection."""
    connection = connection_of_descriptor.get(sock.fileno())
    if connection is None:
        return False
    wire = wire_of(sock)
    return wire is None or wire.route is None or wire.route.id != connection


def route_of_socket(sock, exchange, protocol):
    """The connection of a socket, which is told now if it was not."""
    outer = wire_of(sock) or new_wire(sock)
    if outer.route is None or outer.route.id is None:
        outer.route = Route(exchange.origin)
        write_connection(outer.route, sock, None, protocol)
    return outer.route


def bind(sock):
    """What was encrypted, or framed, here goes over this socket."""
    for what, data in unbound.pop(call_key(), ()):
        if data is not None:
            request_on(what, data, sock)
        elif is_anothers(sock):
            discard(what)
        elif not what.done:
            stream_goes(what, sock)


def stream_goes(exchange, sock):
    """A request over HTTP/2 goes with these bytes."""
    route = route_of_socket(sock, exchange, 'h2')
    passes(exchange, 'connected')
    exchange.connection, exchange.ordinal, exchange.route = route.id, route.made, route
    route.made += 1
    passes(exchange, 'sent')


def bytes_came(owner, data):
    """After bytes were received: part of an answer?"""
    wire = wire_of(owner)
    exchange = None if wire is None else wire.exchange
    if exchange is None or exchange.done or exchange.sent is None:
        return
    if not data:
        if exchange.answered is not None and wire.left is None:
            wire_ends(exchange)
        else:
            finish(exchange, 'RemoteDisconnected')
        return
    if exchange.answered is None:
        passes(exchange, 'answered')
    if exchange.status is None or wire.head is not None:
        wire.head += data
        head, end, data = wire.head.partition(b'\r\n\r\n')
        if not end:
            if len(head) > LONGEST_HEAD:
                wire.begin(None)
            return
        head_came(wire, exchange, head)
    if exchange.body is not None and sum(len(piece) for piece in exchange.body) <= LOOKED_AT:
        exchange.body.append(data)
    if wire.left is not None:
        wire.left -= len(data)
        if wire.left <= 0:
            wire_ends(exchange)
    elif wire.is_chunked:
        wire.tail = (wire.tail + data)[-7:]
        if wire.tail.endswith(b'\r\n0\r\n\r\n') or wire.tail == b'0\r\n\r\n':
            wire_ends(exchange)


def wire_ends(exchange):
    finish(exchange)
    if exchange.body is not None:
        sources.look(exchange, '', b''.join(exchange.body))
        exchange.body = None


def head_came(wire, exchange, head):
    wire.head = None
    lines = head.split(b'\r\n')
    words = lines[0].split(b' ')
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    exchange.status = status
    fields = {text_of(name.strip()).title(): text_of(value.strip())
              for name, _, value in (line.partition(b':') for line in lines[1:])}
    look_at_headers(exchange, fields)
    if 'Content-Encoding' not in fields and is_text(fields.get('Content-Type', '')):
        exchange.body = []
    for line in lines[1:]:
        name, _, value = line.partition(b':')
        name, value = name.strip().lower(), value.strip()
        if name == b'content-length' and value.isdigit():
            wire.left = int(value)
        elif name == b'transfer-encoding' and b'chunked' in value.lower():
            wire.is_chunked = True
    if wire.is_chunked:
        wire.left = None
    if exchange.method == 'HEAD' or status in (204, 304):
        wire.left = 0
    elif status is not None and 100 <= status < 200:
        wire.begin(exchange)
        exchange.status = None


def wire_closes(owner, *_):
    if id(owner) not in wires:
        return
    wire = wire_of(owner)
    del wires[id(owner)]
    if wire is None:
        return
    exchange = wire.exchange
    if exchange is not None and not exchange.done and exchange.answered is None:
        finish(exchange, failure_meanwhile(exchange) or 'closed before the answer')
    close_connection(wire.route)


def wrap_inherited(owner, name, before=None, after=None):
    """As wrap(), for a method that a class of Python has from one of C."""
    original = getattr(owner, name, None)
    if original is None or getattr(original, '_abreast', False):
        return

    def wrapper_before(self, *args, **named):
        try:
            before(self, *args, **named)
        except Exception as error:
            trace.trouble('before ' + name, error)
        return original(self, *args, **named)

    def wrapper_after(self, *args, **named):
        result = original(self, *args, **named)
        if id(self) in wires:
            try:
                after(self, result, *args, **named)
            except Exception as error:
                trace.trouble('after ' + name, error)
        return result
    _install(owner, name, original, wrapper_before if after is None else wrapper_after)


def received(owner, data, size=None, flags=0, **_):
    if not flags:
        bytes_came(owner, data)


def received_into(owner, count, buffer=None, size=0, flags=0, **_):
    if not flags and buffer is not None:
        bytes_came(owner, bytes(memoryview(buffer).cast('B')[:count]))


def decrypted(owner, result, size=None, buffer=None, **_):
    bytes_came(owner, bytes(result) if buffer is None else bytes(memoryview(buffer).cast('B')[:result]))


def wrap_reads():
    """From the first request on that no other part knows of: until then reading costs nothing."""
    if not reads_wrapped:
        reads_wrapped.append(True)
        for wrap_them in sockets_that_read:
            wrap_them()


def reads_by(wrap_them):
    if reads_wrapped:
        wrap_them()
    else:
        sockets_that_read.append(wrap_them)


@when_imported('socket', 'gevent._socket3')
def hook_raw_sockets(module):
    if PY2:
        return  # its sockets get their methods one by one
    expect_sockets()
    wrap_inherited(module.socket, 'send', bytes_go)
    if module.__name__ == 'socket':  # gevent's calls send()
        wrap_inherited(module.socket, 'sendall', bytes_go)
    wrap_inherited(module.socket, 'sendmsg', buffers_go)
    wrap(module.socket, 'close', wire_closes)

    def wrap_them():
        wrap_inherited(module.socket, 'recv', None, received)
        wrap_inherited(module.socket, 'recv_into', None, received_into)
    reads_by(wrap_them)


@when_imported('ssl', 'gevent.ssl')
def hook_raw_tls(module):
    if PY2:
        return
    wrap(module.SSLSocket, 'send', bytes_go)
    if hasattr(module, 'SSLObject'):
        wrap(module.SSLObject, 'write', plain_text_goes)

    def wrap_them():
        wrap_inherited(module.SSLSocket, 'read', None, decrypted)
        if hasattr(module, 'SSLObject'):
            wrap_inherited(module.SSLObject, 'read', None, decrypted)
    reads_by(wrap_them)
