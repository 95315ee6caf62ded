# Exchanges of libcurl, by the times that it tells at their end.

MOST_CURL_ROUTES = 1000  # connections of libcurl that are remembered
curl_routes = {}  # (local address, remote address) -> Route
CURL_PROTOCOLS = {1: 'http/1.0', 2: 'http/1.1', 3: 'h2', 30: 'h3'}


def curl_begins(curl, key):
    exchange = curl.__dict__['_abreast'] = new_exchange(key)
    method = curl.__dict__.pop('_abreast_method', 'GET')
    where_to(exchange, *target_of(method, curl.__dict__.get('_abreast_url', '')))
    passes(exchange, 'dispatched')


def curl_ends(curl, told, error=None, is_late=False):
    """`told` gives libcurl's information by its name. is_late: the transfer may have ended before."""
    exchange = curl.__dict__.pop('_abreast', None)
    if exchange is None or exchange.done:
        return
    total = told('TOTAL_TIME_T')
    began = exchange.dispatched if is_late else now() - total

    def passed_at(name):
        us = told(name + '_TIME_T')
        return max(began + us, exchange.dispatched) if us > 0 else None
    exchange.status = told('RESPONSE_CODE') or None
    local, remote = curl_address(told, 'LOCAL'), curl_address(told, 'PRIMARY')
    if local is not None:  # without a connection, libcurl tells times of steps that it did not come to
        tcp = passed_at('CONNECT')
        exchange.connected = passed_at('APPCONNECT') or tcp or exchange.dispatched
        exchange.sent = passed_at('PRETRANSFER')
        exchange.answered = passed_at('STARTTRANSFER') if exchange.status else None
        # Over HTTP/2 the first exchange to end need not be the one that made the connection.
        route = curl_routes.pop((local, remote), None)
        if route is None:
            route = Route(exchange.origin)
            route.connecting, route.tcp = exchange.dispatched, tcp
            route.dns_to = passed_at('NAMELOOKUP')
            route.dns_from = exchange.dispatched if route.dns_to is not None else None
            protocol = CURL_PROTOCOLS.get(told('HTTP_VERSION'), 'http/1.1')
            write_connection(route, None, None, protocol, local, remote)
        elif not route.shares and exchange.sent is not None:  # it waited for a connection that stood
            exchange.dispatched = exchange.connected = exchange.sent
        remember_curl_route(local, remote, route)
        rides(exchange, route)
        if exchange.answered is not None and error is None:
            exchange.read = max(began + total, exchange.answered)
    finish(exchange, error)


def remember_curl_route(local, remote, route):
    if len(curl_routes) >= MOST_CURL_ROUTES:
        curl_routes.pop(next(iter(curl_routes), None), None)  # from Python 3.7 on the one that was not used the longest
    curl_routes[local, remote] = route


def curl_address(told, end):
    port = told(end + '_PORT')
    return address_text((text_of(told(end + '_IP')), port)) if port > 0 else None
