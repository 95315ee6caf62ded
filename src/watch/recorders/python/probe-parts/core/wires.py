# Wires: sockets, and what encrypts for one, over which a program sends HTTP/1.1 that no part of a library knows of.

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
        self.left = None  # of the body, if its length is known
        self.is_chunked = False
        self.tail = b''


wires = {}  # id(socket, or what encrypts for one) -> Wire
unbound = {}  # here() or id(task) -> what was encrypted or framed there, and goes with the next bytes sent there
MOST_UNBOUND, MOST_UNBOUND_HERE = 1000, 100  # the bytes may never be sent
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


def plain_text_goes(encrypting, data, *_):
    """Before an object encrypts: the socket that its bytes go to is not known yet."""
    if bytes(data[:4]) in REQUEST_STARTS:
        goes_next(encrypting, bytes(data[:LONGEST_HEAD]).partition(b'\r\n\r\n')[0])


def goes_next(what, head=None):
    """An object that encrypts, with the head of a request, or an exchange over HTTP/2: its bytes are sent here next."""
    key = call_key()
    if key not in unbound:
        if len(unbound) >= MOST_UNBOUND:
            unbound.pop(next(iter(unbound), None), None)
        unbound[key] = deque(maxlen=MOST_UNBOUND_HERE)
    unbound[key].append((what, head))


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
    origin = '%s://%s' % ('https' if encrypts(owner) else 'http', text_of(fields.get(b'host', b'')))
    where_to_target(exchange, words[0], origin, words[1])
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
    for what, head in unbound.pop(call_key(), ()):
        if head is not None:
            request_on(what, head, sock)
        elif is_anothers(sock):
            discard(what)
        elif not what.done:
            stream_goes(what, sock)


def stream_goes(exchange, sock):
    """A request over HTTP/2 goes with these bytes."""
    route = route_of_socket(sock, exchange, 'h2')
    passes(exchange, 'connected')
    rides(exchange, route)
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
    while wire.head is not None:  # after an interim answer another head comes (RFC 9110 section 15.2)
        head, end, rest = (wire.head + data).partition(b'\r\n\r\n')
        if not end:
            wire.head = head
            if len(head) > LONGEST_HEAD:
                wire.begin(None)
            return
        wire.head, data = b'', rest
        head_came(wire, exchange, head)
    if exchange.body is not None:
        exchange.body.add(data)
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
        sources.look(exchange, '', exchange.body.whole())
        exchange.body = None


def head_came(wire, exchange, head):
    lines = head.split(b'\r\n')
    words = lines[0].split(b' ')
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    if status is not None and 100 <= status < 200:
        return
    wire.head = None
    exchange.status = status
    fields = {text_of(name.strip()).title(): text_of(value.strip())
              for name, _, value in (line.partition(b':') for line in lines[1:])}
    look_at_headers(exchange, fields)
    if 'Content-Encoding' not in fields and is_text(fields.get('Content-Type', '')):
        exchange.body = Body()
    wire.is_chunked = 'chunked' in fields.get('Transfer-Encoding', '').lower()
    length = fields.get('Content-Length', '')
    if exchange.method == 'HEAD' or status in (204, 304):
        wire.left = 0
    elif not wire.is_chunked and consists_of(length, DIGITS):
        wire.left = int(length)


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
