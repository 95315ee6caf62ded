# Calls and connections, by the times that libcurl tells at the end; redirects that libcurl follows are one exchange with it.
# supports: curl_cffi 0.13-0.17

@when_imported('curl_cffi.curl')
def hook_curl_cffi(module):
    expect_exchanges()

    def option_set(curl, option, value):
        if option == module.CurlOpt.URL:
            curl.__dict__['_abreast_url'] = text_of(value)
        elif option == module.CurlOpt.CUSTOMREQUEST:
            curl.__dict__['_abreast_method'] = text_of(value)

    def performs(curl, *_, **__):
        curl_begins(curl, here())
        return curl

    def performed(curl, _, error):
        curl_ends(curl, error)
    wrap(module.Curl, 'setopt', option_set)
    wrap(module.Curl, 'perform', performs, performed)


@when_imported('curl_cffi.aio')
def hook_curl_cffi_async(module):
    def added(multi, curl):
        curl_begins(curl, id(current_task()))

    def succeeded(multi, curl):
        curl_ends(curl)

    def failed(multi, curl, error):
        curl_ends(curl, error)

    def removed(multi, curl):
        finish(curl.__dict__.pop('_abreast', None), 'CancelledError')
    wrap(module.AsyncCurl, 'add_handle', added)
    wrap(module.AsyncCurl, 'set_result', succeeded)
    wrap(module.AsyncCurl, 'set_exception', failed)
    wrap(module.AsyncCurl, 'remove_handle', removed)


@when_imported('curl_cffi.requests.session')
def hook_curl_cffi_session(module):
    def called(session, method, url, *_, **__):
        key = call_key()
        call = enter_call(key)
        if call is not None:
            call.target = target_of(method, url)
        return key, call

    def returned(state, response, error):
        if state is not None:
            if state[1] is not None and state[1].last is not None and error is None:
                look_at(state[1].last, response.headers, response.content)
            leave_call(state[0], state[1], error)

    def waits_for_handle(session):
        unit = current_unit()
        return unit, unit is not None and unit.used, wants(session, 'connection-pool', session.max_clients)

    def got_handle(state, *_):
        # The session keeps its handles in an asyncio.Queue. That does not make a worker of who takes one.
        unit, used, waiting = state
        is_got(waiting, None, None)
        if unit is not None:
            unit.used = used

    def made(session, *_, **__):
        new_resource(session, 'connection-pool', class_name(type(session)), None)
        return session, users_line(outside())

    def sized(state, _, error):
        if state is not None and error is None:
            session, line = state
            remember_limit('connections', 'curl_cffi AsyncSession max_clients', session.max_clients, line)
            resource_of(session, 'connection-pool').capacity = whole(session.max_clients)
    wrap(module.Session, 'request', called, returned)
    wrap_async(module.AsyncSession, 'request', called, returned)
    wrap_async(module.AsyncSession, 'pop_curl', waits_for_handle, got_handle)
    wrap(module.AsyncSession, '__init__', made, sized)


curl_routes = {}  # (local address, remote address) -> Route
CURL_PROTOCOLS = {1: 'http/1.0', 2: 'http/1.1', 3: 'h2', 30: 'h3'}


def curl_begins(curl, key):
    exchange = curl.__dict__['_abreast'] = new_exchange(key)
    method = curl.__dict__.pop('_abreast_method', 'GET')
    where_to(exchange, *target_of(method, curl.__dict__.get('_abreast_url', '')))
    passes(exchange, 'dispatched')


def told_by_cffi(curl, name):
    return curl.getinfo(getattr(sys.modules['curl_cffi.const'].CurlInfo, name))


def curl_ends(curl, error=None, told=told_by_cffi):
    exchange = curl.__dict__.pop('_abreast', None)
    if exchange is None or exchange.done:
        return
    # Who asks pycurl may ask late.
    total = told(curl, 'TOTAL_TIME_T')
    began = now() - total if told is told_by_cffi else exchange.dispatched

    def passed_at(name):
        us = told(curl, name + '_TIME_T')
        return max(began + us, exchange.dispatched) if us > 0 else None
    exchange.status = told(curl, 'RESPONSE_CODE') or None
    local, remote = curl_address(curl, told, 'LOCAL'), curl_address(curl, told, 'PRIMARY')
    if local is not None:  # without a connection, libcurl tells times of steps that it did not come to
        tcp = passed_at('CONNECT')
        exchange.connected = passed_at('APPCONNECT') or tcp or exchange.dispatched
        exchange.sent = passed_at('PRETRANSFER')
        exchange.answered = passed_at('STARTTRANSFER') if exchange.status else None
        # Over HTTP/2 the first exchange to end need not be the one that made the connection.
        route = curl_routes.get((local, remote))
        if route is None:
            route = curl_routes[local, remote] = Route(exchange.origin)
            route.connecting, route.tcp = exchange.dispatched, tcp
            route.dns_to = passed_at('NAMELOOKUP')
            route.dns_from = exchange.dispatched if route.dns_to is not None else None
            protocol = CURL_PROTOCOLS.get(told(curl, 'HTTP_VERSION'), 'http/1.1')
            route.shares = protocol in ('h2', 'h3')
            write_connection(route, None, None, protocol, local, remote)
        elif not route.shares and exchange.sent is not None:  # it waited for a connection that stood
            exchange.dispatched = exchange.connected = exchange.sent
        rides(exchange, route)
        if told is not told_by_cffi and exchange.answered is not None and error is None:
            exchange.read = max(began + total, exchange.answered)
    finish(exchange, curl_error(error) if error is not None else None)


def curl_error(error):
    if isinstance(error, WHOLE):
        return 'curl error %d' % error
    code = getattr(error, 'code', 0)
    return sys.modules['curl_cffi.const'].CurlECode(code).name if code else error_name(error)


def curl_address(curl, told, end):
    port = told(curl, end + '_PORT')
    return address_text((text_of(told(curl, end + '_IP')), port)) if port > 0 else None
