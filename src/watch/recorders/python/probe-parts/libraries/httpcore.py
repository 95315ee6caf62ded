# Requests, connections and pools, over HTTP/1.1 and HTTP/2, by the events that httpcore itself tells.
# supports: httpcore 0.17-1.x; httpcore2 2.x

class HttpcoreEvents(object):
    """httpcore tells what it does to whoever is in a request's `trace` extension."""

    def __init__(self, exchange, users):
        self.exchange = exchange
        self.users = users
        self.tcp = self.connecting = None
        self.stream = None

    def __call__(self, name, info):
        self.event(name, info)
        if self.users is not None:
            self.users(name, info)

    def event(self, name, info):
        try:
            layer, _, step = name.partition('.')
            handler = self.HANDLERS.get(step)
            if handler is not None:
                handler(self, layer, info)
        except Exception as error:
            trace.trouble(name, error)

    def connects(self, layer, info):
        passes(self.exchange, 'dispatched')
        self.connecting = now()

    def tcp_stands(self, layer, info):
        self.tcp = now()
        self.stands(info.get('return_value'))

    def tls_starts(self, layer, info):
        self.exchange.connected = None

    def tls_stands(self, layer, info):
        self.stands(info.get('return_value'))

    def stands(self, stream):
        """After TCP, and again after TLS: the connection is written when the request goes."""
        self.stream = stream
        passes(self.exchange, 'connected')

    def sends(self, layer, info):
        exchange = self.exchange
        connection = exchange.route
        if connection is None:
            passes(exchange, 'sent')
            return
        route = connection.__dict__.get('_abreast')
        if route is None:
            route = connection.__dict__['_abreast'] = Route()
            self.write_connection(route, connection, layer)
        if layer == 'http2' and exchange.connected is None:  # it waited for a stream of a connection that stood
            exchange.dispatched = now()
        at = now()
        if exchange.connected is None:
            exchange.connected = at if layer == 'http2' else exchange.dispatched
        rides(exchange, route)
        exchange.sent = at
        exchange.carrier.events += 1
        exchange.carrier.event_at = at

    def write_connection(self, route, connection, layer):
        origin = connection._origin
        route.origin = origin_of(origin.scheme, origin.host, origin.port)
        route.connecting, route.tcp = self.connecting, self.tcp
        looked = self.exchange.connecting
        if looked is not None:
            route.dns_from, route.dns_to = looked.dns_from, looked.dns_to
        info = self.stream.get_extra_info if self.stream is not None else lambda name: None
        sock = info('socket')
        write_connection(route, sock, info('ssl_object'), 'h2' if layer == 'http2' else 'http/1.1',
                         address_text(info('client_addr')), address_text(info('server_addr')))

    def answered(self, layer, info):
        exchange = self.exchange
        passes(exchange, 'answered')
        result = info.get('return_value')
        if result:
            exchange.status = result[0] if layer == 'http2' else result[1]
            fields = result[1] if layer == 'http2' else result[3]
            look_at_headers(exchange, {text_of(name).title(): value for name, value in fields})

    def read(self, layer, info):
        finish(self.exchange)

    def failed(self, layer, info):
        finish(self.exchange, error_name(info.get('exception')))

    def closed(self, layer, info):
        end_unread(self.exchange)

    HANDLERS = {
        'connect_tcp.started': connects, 'connect_unix_socket.started': connects,
        'connect_tcp.complete': tcp_stands, 'connect_unix_socket.complete': tcp_stands,
        'start_tls.started': tls_starts, 'start_tls.complete': tls_stands,
        'send_request_headers.started': sends, 'receive_response_headers.complete': answered,
        'receive_response_body.complete': read, 'receive_response_body.failed': failed,
        'response_closed.complete': closed}


def httpcore_pool_hooks(events):
    def asked(pool, request, *_, **__):
        key = call_key()
        exchange = new_exchange(key)
        url = request.url
        origin = origin_of(url.scheme, url.host, url.port)
        where_to(exchange, request.method, origin, origin + text_of(url.target))
        exchange.connecting = Route()
        open_exchange[key] = exchange
        extensions = dict(request.extensions or {})
        extensions['trace'] = events(exchange, extensions.get('trace'))
        request.extensions = extensions
        connecting_here[here()] = exchange.connecting
        exchange.waiting = wants(pool, 'connection-pool')
        return key, exchange

    def answered(state, response, error):
        if state is None:
            return
        key, exchange = state
        has_room(exchange)
        open_exchange.pop(key, None)
        connecting_here.pop(here(), None)
        if error is not None:
            finish(exchange, error_name(error))

    def made(pool, *_, **__):
        new_resource(pool, 'connection-pool', class_name(type(pool)), None)
        return pool, users_line(outside())

    def sized(state, _, error):
        if state and error is None:
            pool, line = state
            remember_limit('connections', 'httpcore pool max_connections', pool._max_connections, line)
            resource_of(pool, 'connection-pool').capacity = whole(pool._max_connections)
    return asked, answered, made, sized


def connection_taken(connection, request, *_, **__):
    """The pool gave the request a connection, that may have to be opened yet."""
    exchange = exchange_of(request)
    if exchange is not None and exchange.sent is None:
        has_room(exchange)
        exchange.dispatched = now()
        exchange.route = connection


def httpcore_closes(connection, *_, **__):
    close_connection(connection.__dict__.get('_abreast'))


def exchange_of(request):
    events = (request.extensions or {}).get('trace')
    return events.exchange if isinstance(events, HttpcoreEvents) else None


def streams_known(connection, *_, **__):
    return connection


def streams_limited(connection, *_):
    value = getattr(connection, '_max_streams', None)
    if value and value > 1 or getattr(connection, '_received_settings', False):
        remember_limit('streams', 'HTTP/2 max_concurrent_streams', getattr(connection, '_max_streams', None))


@when_imported('httpcore._async.connection_pool', 'httpcore2._async.connection_pool')
def hook_httpcore_async_pool(module):
    expect_exchanges()
    asked, answered, made, sized = httpcore_pool_hooks(AsyncHttpcoreEvents)
    wrap_async(module.AsyncConnectionPool, 'handle_async_request', asked, answered)
    wrap(module.AsyncConnectionPool, '__init__', made, sized)


@when_imported('httpcore._sync.connection_pool', 'httpcore2._sync.connection_pool')
def hook_httpcore_sync_pool(module):
    expect_exchanges()
    asked, answered, made, sized = httpcore_pool_hooks(HttpcoreEvents)
    wrap(module.ConnectionPool, 'handle_request', asked, answered)
    wrap(module.ConnectionPool, '__init__', made, sized)


@when_imported('httpcore._async.connection', 'httpcore2._async.connection')
def hook_httpcore_async_connection(module):
    wrap_async(module.AsyncHTTPConnection, 'handle_async_request', connection_taken)
    wrap(module.AsyncHTTPConnection, 'aclose', httpcore_closes)


@when_imported('httpcore._sync.connection', 'httpcore2._sync.connection')
def hook_httpcore_sync_connection(module):
    wrap(module.HTTPConnection, 'handle_request', connection_taken)
    wrap(module.HTTPConnection, 'close', httpcore_closes)


@when_imported('httpcore._async.http2', 'httpcore2._async.http2')
def hook_httpcore_async_http2(module):
    wrap_async(module.AsyncHTTP2Connection, 'handle_async_request', streams_known, streams_limited)


@when_imported('httpcore._sync.http2', 'httpcore2._sync.http2')
def hook_httpcore_sync_http2(module):
    wrap(module.HTTP2Connection, 'handle_request', streams_known, streams_limited)
