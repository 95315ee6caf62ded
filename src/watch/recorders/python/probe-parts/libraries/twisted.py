# Requests and connections of the web client, and whether its answers hold later URLs.
# supports: Twisted 24.x-26.x

twisted_next = {}  # thread -> Exchange whose connection was just got


@when_imported('twisted.web.client')
def hook_twisted_agent(module):
    expect_exchanges()

    def requested(agent, key, endpoint, method, uri, *_, **__):
        exchange = new_exchange(here())
        url = text_of(uri.toBytes())
        target = target_of(method, url)
        where_to(exchange, text_of(method), target[1], url)
        passes(exchange, 'dispatched')
        open_exchange[here()] = exchange
        return exchange

    def returned(exchange, deferred, error):
        open_exchange.pop(here(), None)
        if error is not None:
            finish(exchange, error_name(error))
        else:
            def failed(failure):
                if exchange is not None:
                    finish(exchange, failure.type.__name__)
                return failure
            deferred.addErrback(failed)

    def gets_connection(*_, **__):
        return open_exchange.get(here())

    def got_connection(exchange, deferred, error):
        if exchange is not None and error is None:
            def stands(protocol):
                twisted_next[native_ident()] = exchange
                return protocol
            deferred.addCallback(stands)
    wrap(module._AgentBase, '_requestWithEndpoint', requested, returned)
    wrap(module.HTTPConnectionPool, 'getConnection', gets_connection, got_connection)


@when_imported('twisted.web._newclient')
def hook_twisted_protocol(module):
    def sends(protocol, *_, **__):
        exchange = twisted_next.pop(native_ident(), None)
        if exchange is None:
            return None
        route = protocol.__dict__.get('_abreast')
        if route is None:
            route = protocol.__dict__['_abreast'] = Route(exchange.origin)
            handle = protocol.transport.getHandle()
            write_connection(route, handle, handle if hasattr(handle, 'get_peer_certificate') else None)
        passes(exchange, 'connected')
        rides(exchange, route)
        passes(exchange, 'sent')
        route.exchange = exchange
        return exchange

    def sent(exchange, deferred, error):
        if exchange is not None and error is None:
            def answered(response):
                passes(exchange, 'answered')
                exchange.status = response.code
                if not response.headers.hasHeader(b'content-encoding'):
                    response.__dict__['_abreast_told'] = exchange
                if exchange.read is not None:
                    finish(exchange)
                return response
            deferred.addCallback(answered)

    def ends(protocol, *_, **__):
        route = protocol.__dict__.get('_abreast')
        exchange = route and route.exchange
        if exchange is not None and exchange.status is not None:
            finish(exchange)
        else:
            passes(exchange, 'read')

    def lost(protocol, *_, **__):
        close_connection(protocol.__dict__.get('_abreast'))

    def piece_came(response, data, *_, **__):
        exchange = response.__dict__.get('_abreast_told')
        if exchange is not None:
            exchange.body = exchange.body or Body()
            exchange.body.add(data)

    def body_ends(response, *_, **__):
        exchange = response.__dict__.pop('_abreast_told', None)
        if exchange is not None:
            fields = response.headers.getAllRawHeaders()
            headers = {text_of(name).title(): text_of(values[-1]) for name, values in fields}
            body, exchange.body = exchange.body or Body(), None
            look_at(exchange, headers, body.whole())
    wrap(module.Response, '_bodyDataReceived', piece_came)
    wrap(module.Response, '_bodyDataFinished', body_ends)
    wrap(module.HTTP11ClientProtocol, 'request', sends, sent)
    wrap(module.HTTP11ClientProtocol, '_finishResponse', ends)
    wrap(module.HTTP11ClientProtocol, 'connectionLost', lost)


@when_imported('twisted.internet.defer')
def hook_twisted_permits(module):
    """What is run under a permit is wanted when it is handed over."""
    carry_function(getattr(module, '_ConcurrencyPrimitive', module.DeferredSemaphore), 'run', 'callback')
    remember_size(module.DeferredSemaphore, 'permits', 'twisted DeferredSemaphore', 'tokens', 1)
