# Requests over HTTP/1.1, HTTP/2 and HTTP/3, also those of niquests, and of requests where it took urllib3's place.
# supports: urllib3-future 2.x

FUTURES = ('urllib3', 'urllib3_future')


@when_imported(*[name + '.backend.hface' for name in FUTURES])
def hook_hface(module):
    expect_exchanges()
    wrap_hface(module.HfaceBackend, wrap)


@when_imported(*[name + '.backend._async.hface' for name in FUTURES])
def hook_hface_async(module):
    expect_exchanges()
    wrap_hface(module.AsyncHfaceBackend, wrap_async)


def wrap_hface(backend, wrap_step):
    wrap(backend, 'putrequest', hface_begins)
    wrap_step(backend, 'endheaders', hface_sends, hface_sent)
    wrap_step(backend, 'getresponse', lambda backend, *_, **__: backend, hface_answered)
    wrap_step(backend, 'close', hface_closes)


@when_imported(*[name + '.backend._base' for name in FUTURES])
def hook_hface_response(module):
    wrap_hface_response(module.LowLevelResponse, wrap)


@when_imported(*[name + '.backend._async._base' for name in FUTURES])
def hook_hface_response_async(module):
    wrap_hface_response(module.AsyncLowLevelResponse, wrap_async)


def wrap_hface_response(response, wrap_step):
    for name in ('read', '_read'):
        wrap_step(response, name, lambda response, *_, **__: response, hface_read)
    for name in ('abort', 'close'):
        wrap_step(response, name, hface_leaves)


def hface_begins(backend, method, url, *_, **__):
    key = call_key()
    exchange = open_exchange.get(key)
    if exchange is None or exchange.sent is not None or exchange.done:
        exchange = new_exchange(key)
    backend.__dict__['_abreast_next'] = exchange
    origin = origin_of('https' if is_https(backend) else 'http', backend.host, backend.port)
    where_to_target(exchange, method, origin, url)
    passes(exchange, 'dispatched')


def hface_sends(backend, *_, **__):
    exchange = backend.__dict__.pop('_abreast_next', None)
    if exchange is not None and backend.sock is not None:
        hface_rides(exchange, backend)
        passes(exchange, 'sent')
    return exchange, backend


def hface_rides(exchange, backend):
    route = backend.__dict__.get('_abreast')
    if route is None or route.id is None:
        route = backend.__dict__['_abreast'] = Route(exchange.origin)
        sock = backend.sock
        protocol = 'h2' if backend.is_multiplexed else 'http/1.1'
        write_connection(route, sock, None, protocol)
    passes(exchange, 'connected')
    rides(exchange, route)


def hface_sent(state, promise, error):
    if state is None or state[0] is None:
        return
    exchange, backend = state
    if error is not None:
        finish(exchange, error_name(error))
        return
    if exchange.sent is None:  # endheaders() connected first
        hface_rides(exchange, backend)
        exchange.sent = exchange.connected
    if promise is not None:
        promise.__dict__['_abreast'] = exchange
    backend.__dict__['_abreast_last'] = exchange


def hface_answered(backend, response, error):
    if error is not None:
        exchange = backend.__dict__.get('_abreast_last')
        if exchange is not None and not backend.is_multiplexed and exchange.answered is None:
            finish(exchange, error_name(error))
        return
    promise = getattr(response, 'from_promise', None)
    exchange = None if promise is None else promise.__dict__.get('_abreast')
    if exchange is None or exchange.done:
        return
    passes(exchange, 'answered')
    exchange.status = response.status
    exchange.handled = id(sys.exc_info()[1])
    if getattr(response, '_eot', False):
        finish(exchange)
    else:
        response.__dict__['_abreast'] = exchange


def hface_read(response, _, error):
    exchange = response.__dict__.get('_abreast')
    if exchange is None:
        return
    if error is not None:
        finish(exchange, error_name(error))
    elif response._eot:
        finish(exchange)


def hface_leaves(response, *_, **__):
    exchange = response.__dict__.pop('_abreast', None)
    if exchange is not None and not exchange.done:
        error = failure_meanwhile(exchange)
        if error is None:
            end_unread(exchange)
        else:
            finish(exchange, error)


def hface_closes(backend, *_, **__):
    close_connection(backend.__dict__.get('_abreast'))


@tells('patches')
def urllib3_of_another():
    """urllib3-future writes itself over urllib3's files, for all that import it."""
    module = sys.modules.get('urllib3')
    if module is None or sys.modules.get('urllib3.backend.hface') is None:
        return []
    patch = patch_of('urllib3', 'urllib3-future', getattr(module, '__version__', None), None)
    patch['replacement'] = 'urllib3-future'
    return [patch]
