# Requests of SimpleAsyncHTTPClient, and how many it has at once.
# supports: tornado 6.x

@when_imported('tornado.simple_httpclient')
def hook_tornado(module):
    expect_exchanges()

    def asks(client, request, *_, **__):
        exchange = new_exchange(call_key())
        where_to(exchange, *target_of(request.method, request.url))
        request.__dict__['_abreast'] = exchange
        remember_limit('connections', 'tornado SimpleAsyncHTTPClient max_clients', client.max_clients, None)

    def exchange_of(connection):
        return connection.request.__dict__.get('_abreast')

    def dispatched(client, request, *_, **__):
        passes(request.__dict__.get('_abreast'), 'dispatched')

    def connects(connection, *_, **__):
        return exchange_of(connection)

    def connected(exchange, connection, error):
        if exchange is None or error is not None:
            return
        route = exchange.route = Route(exchange.origin)
        write_connection(route, connection.stream.socket)
        passes(exchange, 'connected')
        rides(exchange, route)
        passes(exchange, 'sent')

    def head(connection, first_line, *_, **__):
        exchange = exchange_of(connection)
        if exchange is not None:
            passes(exchange, 'answered')
            exchange.status = first_line.code

    def ends(connection, *_, **__):
        exchange = exchange_of(connection)
        if connection.request.streaming_callback is None:
            chunks = connection.chunks  # one bytearray since 6.5
            look_at(exchange, connection.headers, b''.join(chunks) if isinstance(chunks, list) else bytes(chunks))
        finish(exchange)

    def fails(connection, kind, value, *_, **__):
        finish(exchange_of(connection), kind.__name__)

    def closes(connection, *_, **__):
        exchange = exchange_of(connection)
        close_connection(exchange.route if exchange is not None else None)

    wrap(module.SimpleAsyncHTTPClient, 'fetch_impl', asks)
    wrap(module.SimpleAsyncHTTPClient, '_handle_request', dispatched)
    wrap(module._HTTPConnection, '_create_connection', connects, connected)
    wrap(module._HTTPConnection, 'headers_received', head)
    wrap(module._HTTPConnection, 'finish', ends)
    wrap(module._HTTPConnection, '_handle_exception', fails)
    wrap(module._HTTPConnection, 'on_connection_close', closes)
