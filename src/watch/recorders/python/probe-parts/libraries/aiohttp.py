# Calls, connectors and connections of the client.
# supports: aiohttp 3.8-3.14

@when_imported('aiohttp.client')
def hook_aiohttp(module):
    expect_exchanges()

    def called(*_, **__):
        key = id(current_task())
        return key, enter_call(key)

    def returned(state, response, error):
        if not state:
            return
        key, call = state
        open_exchange.pop(key, None)
        if call is None:
            return
        leave_call(key, call, error)
        exchange = call.last
        if exchange is not None and error is None and not exchange.done:
            exchange.status = response.status
            response.__dict__['_abreast_told'] = exchange
            look_at_headers(exchange, response.headers)
            if exchange.read is not None:  # whole already, when its head was looked at
                finish(exchange)
    wrap_async(module.ClientSession, '_request', called, returned)


@when_imported('aiohttp.connector')
def hook_aiohttp_connector(module):
    def asks(connector, request, *_, **__):
        key = id(current_task())
        call = open_call.get(key)
        if call is not None and call.last is not None and not call.last.done:  # the answer to it is a redirect
            if call.last.read is not None or call.last.error is None:
                call.last.status = call.last.status or 302
            finish(call.last, call.last.error)
        exchange = new_exchange(key)
        url = request.url
        origin = origin_of(url.scheme, url.raw_host, url.port)
        where_to(exchange, request.method, origin, str(url))
        open_exchange[key] = exchange
        exchange.waiting = wants(connector, 'connection-pool')
        return exchange

    def got(exchange, connection, error):
        if exchange is None:
            return
        has_room(exchange)
        if error is not None:  # the call knows better what it was: a time-out comes as a cancellation here
            return
        passes(exchange, 'dispatched')
        protocol = connection.protocol
        route = protocol.__dict__.get('_abreast')
        if route is None:
            route = protocol.__dict__['_abreast'] = exchange.connecting or Route()
            transport = protocol.transport
            info = transport.get_extra_info
            route.origin = exchange.origin
            write_connection(route, info('socket'), info('ssl_object'), 'http/1.1', address_text(info('sockname')),
                             address_text(info('peername')))
            passes(exchange, 'connected')
        elif exchange.connected is None:
            exchange.connected = exchange.dispatched
        rides(exchange, route)
        route.exchange = exchange

    def opens(connector, request, *_, **__):
        exchange = open_exchange.get(id(current_task()))
        passes(exchange, 'dispatched')
        if exchange is not None:
            has_room(exchange)
            exchange.connecting = Route()
            exchange.connecting.connecting = now()
        return exchange

    def looks_up(*_, **__):
        exchange = open_exchange.get(id(current_task()))
        if exchange is None or exchange.connecting is None:
            return None
        exchange.connecting.dns_from = now()
        return exchange.connecting

    def looked_up(route, *_):
        if route is not None:
            route.dns_to = now()

    def made(connector, *_, **__):
        new_resource(connector, 'connection-pool', class_name(type(connector)), None)
        return connector, users_line(outside())

    def sized(state, _, error):
        if state and error is None:
            connector, line = state
            remember_limit('connections', 'aiohttp connector limit', connector._limit or None, line)
            resource_of(connector, 'connection-pool').capacity = whole(connector._limit_per_host or connector._limit)
            per_host = connector._limit_per_host or None
            remember_limit('connections-per-host', 'aiohttp connector limit_per_host', per_host, line)
    wrap_async(module.BaseConnector, 'connect', asks, got)
    wrap(module.BaseConnector, '__init__', made, sized)
    for name in ('TCPConnector', 'UnixConnector'):
        if hasattr(module, name):
            wrap(getattr(module, name), '_create_connection', opens)
    wrap_async(module.TCPConnector, '_resolve_host', looks_up, looked_up)


@when_imported('aiohttp.client_reqrep')
def hook_aiohttp_messages(module):
    def exchange_on(connection):
        route = connection.protocol.__dict__.get('_abreast')
        return route.exchange if route is not None else None

    def sends(request, connection, *_, **__):
        passes(exchange_on(connection), 'sent')

    def at_end(response, *_, **__):
        connection = response._connection
        if connection is None or connection.protocol is None:
            return
        exchange = exchange_on(connection)
        if exchange is not None and not exchange.done:
            if exchange.status is None:
                exchange.status = getattr(response, 'status', None)
            if exchange.status is None:
                passes(exchange, 'answered')
                passes(exchange, 'read')
            else:
                finish(exchange)

    def given_up(response, *_, **__):
        connection = response._connection
        exchange = exchange_on(connection) if connection is not None and connection.protocol is not None else None
        if exchange is not None and exchange.read is None and exchange.answered is not None:
            exchange.status = exchange.status or response.status
            end_unread(exchange)
    wrap(module.ClientRequest, 'send', sends)

    def is_read(response, body, error):
        if error is None:
            look_at(response.__dict__.get('_abreast_told'), response.headers, body)
    wrap_async(module.ClientResponse, 'read', lambda response: response, is_read)
    wrap(module.ClientResponse, '_response_eof', at_end)
    wrap(module.ClientResponse, 'close', given_up)
    wrap(module.ClientResponse, 'release', given_up)


@when_imported('aiohttp.client_proto')
def hook_aiohttp_protocol(module):
    def data_comes(protocol, *_):
        route = protocol.__dict__.get('_abreast')
        exchange = route.exchange if route is not None else None
        if exchange is not None and exchange.answered is None:
            passes(exchange, 'answered')

    def exchange_on(protocol):
        route = protocol.__dict__.get('_abreast')
        return route.exchange if route is not None else None

    def closes(protocol, *_):
        exchange = exchange_on(protocol)
        if exchange is not None and exchange.status is not None and exchange.read is None:
            end_unread(exchange)

    def lost(protocol, *_):
        return protocol

    def is_lost(protocol, *_):
        exchange = exchange_on(protocol)
        if exchange is not None and exchange.answered is not None and exchange.read is None:
            finish(exchange, 'ClientPayloadError')
        close_connection(protocol.__dict__.pop('_abreast', None))
    wrap(module.ResponseHandler, 'data_received', data_comes)
    wrap(module.ResponseHandler, 'close', closes)
    wrap(module.ResponseHandler, 'connection_lost', lost, is_lost)
