# Requests, also those of other libraries that are built on it.
# supports: http.client Python 3.6-3.14; httplib Python 2.7

@when_imported('http.client', 'httplib', 'eventlet.green.http.client')
def hook_http_client(module):
    expect_exchanges()
    connection, response = module.HTTPConnection, module.HTTPResponse
    wrap_connect(connection)
    wrap_connect(module.HTTPSConnection)
    wrap(connection, 'putrequest', request_begins)
    wrap(connection, 'send', request_goes, request_gone)
    wrap(connection, 'getresponse', answer_awaited, answer_begun)
    wrap(connection, 'close', connection_closes)
    wrap(response, 'read', lambda response, *_, **__: response, answer_read)
    if '_close_conn' in vars(response):
        wrap(response, 'close', answer_closes)
        wrap(response, '_close_conn', answer_ends)
    else:
        wrap(response, 'close', answer_ends)


def route_of(connection):
    route = connection.__dict__.get('_abreast')
    if route is None:
        route = connection.__dict__['_abreast'] = Route()
        wrap_connect_of_subclasses(type(connection) if not PY2 else connection.__class__)
    return route


def is_https(connection):
    return getattr(connection, 'default_port', 80) == 443 or 'HTTPS' in connection.__class__.__name__


def target_origin(connection):
    """The origin that a request over this connection is for: behind a tunnel it is not the peer."""
    host = getattr(connection, '_tunnel_host', None)
    if host:
        return origin_of('https', host, connection._tunnel_port)
    return origin_of('https' if is_https(connection) else 'http', connection.host, connection.port)


connect_wrapped = set()


def wrap_connect_of_subclasses(kind):
    if kind in connect_wrapped:
        return
    connect_wrapped.add(kind)
    for base in mro_of(kind):
        if 'connect' in vars(base) and base is not object:
            wrap_connect(base)


def mro_of(kind):
    if hasattr(kind, '__mro__'):
        return kind.__mro__
    return (kind,) + sum((mro_of(base) for base in kind.__bases__), ())  # an old class of 2.7


def wrap_connect(kind):
    wrap(kind, 'connect', connect_begins, connect_ends)
    wrap(kind, '_new_conn', lambda self, *_, **__: self, tcp_stands)


def connect_begins(connection, *_, **__):
    route = route_of(connection)
    route.depth += 1
    if route.depth == 1:
        key = here()
        exchange = open_exchange.get(key) or route.exchange
        if exchange is not None and exchange.sent is not None:
            exchange = None
        passes(exchange, 'dispatched')
        route.exchange = exchange
        route.connecting, route.tcp, route.dns_from, route.dns_to = now(), None, None, None
        connecting_here[key] = route
    return connection, route


def tcp_stands(connection, _, error):
    if error is None:
        route_of(connection).tcp = now()


def connect_ends(state, _, error):
    if state is None:
        return
    connection, route = state
    route.depth -= 1
    if route.depth > 0:
        if error is None and route.tcp is None:
            route.tcp = now()
        return
    connecting_here.pop(here(), None)
    exchange = route.exchange
    if error is not None:
        if exchange is not None:
            finish(exchange, error_name(error))
        return
    scheme = 'https' if is_https(connection) and not getattr(connection, '_tunnel_host', None) else 'http'
    route.origin = origin_of(scheme, connection.host, connection.port)
    write_connection(route, connection.sock)
    if exchange is not None and not exchange.done:
        passes(exchange, 'connected')
        rides(exchange, route)


def request_begins(connection, method, url, *_, **__):
    route = route_of(connection)
    key = here()
    exchange = open_exchange.get(key)
    if exchange is None or exchange.sent is not None or exchange.done:
        exchange = route.exchange
        if exchange is None or exchange.sent is not None or exchange.done:
            exchange = new_exchange(key)
    route.exchange = exchange
    where_to_target(exchange, method, target_origin(connection), url)
    passes(exchange, 'dispatched')
    if connection.sock is not None:
        if route.id is None:  # a class whose connect() was not wrapped yet has opened it, as that of httplib2
            route.origin = target_origin(connection)
            write_connection(route, connection.sock)
        passes(exchange, 'connected')
        rides(exchange, route)


def request_goes(connection, *_, **__):
    route = connection.__dict__.get('_abreast')
    if route is None or route.depth or route.exchange is None or route.exchange.sent is not None:
        return None
    if connection.sock is not None:
        passes(route.exchange, 'sent')
    return route


def request_gone(route, _, error):
    if route is None:
        return
    exchange = route.exchange
    if error is not None:
        finish(exchange, error_name(error))
    elif exchange is not None and exchange.sent is None:  # send() connected first
        exchange.sent = exchange.connected if exchange.connected is not None else now()


def answer_awaited(connection, *_, **__):
    return connection


def answer_begun(connection, response, error):
    route = connection.__dict__.get('_abreast')
    exchange = route and route.exchange
    if exchange is None or exchange.done:
        return
    if error is not None:
        if not isinstance(error, TypeError):  # urllib3 1.x tries buffering=True first, and means it
            finish(exchange, error_name(error))
        return
    passes(exchange, 'answered')
    exchange.status = response.status
    exchange.handled = id(sys.exc_info()[1])
    headers = headers_of(response)
    look_at_headers(exchange, headers)
    if not exchange.by_pool and not headers.get('Content-Encoding'):
        response.__dict__['_abreast_told'] = exchange
    route.exchange = None
    if open_exchange.get(here()) is exchange:
        open_exchange.pop(here(), None)
    response.__dict__['_abreast'] = (exchange, route)
    if response.length == 0 or response.fp is None:
        exchange.is_looked_at = True
        answer_ends(response)


def headers_of(response):
    """urllib.request puts the reason in the place of `msg`."""
    headers = response.__dict__.get('headers')
    return response.msg if headers is None else headers


def answer_read(response, data, error):
    """Each piece that was read; all of them are looked at when the body is whole."""
    exchange = response.__dict__.get('_abreast_told')
    if exchange is None or error is not None:
        return
    exchange.body = exchange.body or Body()
    exchange.body.add(data)
    if response.isclosed():
        answer_whole(response)


def answer_whole(response):
    exchange = response.__dict__.pop('_abreast_told', None)
    if exchange is not None and exchange.body is not None:
        body, exchange.body = exchange.body, None
        look_at(exchange, headers_of(response), body.whole())


def answer_closes(response, *_, **__):
    if '_abreast' in response.__dict__:
        response.__dict__['_abreast_closes'] = True


def answer_ends(response, *_, **__):
    """The body is read, or nobody will read it."""
    found = response.__dict__.pop('_abreast', None)
    if found is None:
        return
    exchange, route = found
    if isinstance(response.length, WHOLE):
        unread = response.length > 0
    else:  # urllib3 reads chunks past the response
        unread = exchange.left is not None and getattr(response, 'chunk_left', None) == 'UNKNOWN'
    error = failure_meanwhile(exchange) if unread else None
    if unread and not PY2 and '_abreast_closes' not in response.__dict__:
        error = error or 'IncompleteRead'  # the peer closed, and http.client ends the body silently
    if unread and error is None:
        end_unread(exchange)
    else:
        finish(exchange, error)
    if route.closing:
        route.closing = False
        close_connection(route)


def connection_closes(connection, *_, **__):
    route = connection.__dict__.get('_abreast')
    if route is None or route.id is None or route.depth:
        return
    # An answer without length is read until the end, after its connection object has been closed.
    if any(one.route is route and one.answered is not None for one in now_in(pending.values())[-200:]):
        route.closing = True
    else:
        close_connection(route)
