# Calls, retries and pools. Requests and pip carry copies of their own.
# supports: urllib3 1.24-2.x

@when_imported('urllib3.connectionpool', 'requests.packages.urllib3.connectionpool', 'pip._vendor.urllib3.connectionpool',
               'botocore.vendored.requests.packages.urllib3.connectionpool', 'urllib3_future.connectionpool')
def hook_urllib3(module):
    wrap_pool_of_urllib3(module.HTTPConnectionPool, wrap, here)


@when_imported('urllib3._async.connectionpool', 'urllib3_future._async.connectionpool')
def hook_urllib3_async(module):
    wrap_pool_of_urllib3(module.AsyncHTTPConnectionPool, wrap_async, call_key)


def wrap_pool_of_urllib3(kind, wrap_step, key_here):
    def called(pool, method, url, *_, **options):
        key = key_here()
        call = enter_call(key)
        exchange = new_exchange(key)
        # Who calls the pool and reads the answer itself, as botocore does, gets the body in pieces.
        exchange.by_pool = call is None or options.get('preload_content', True)
        outer = open_exchange.get(key)
        open_exchange[key] = exchange
        origin = origin_of(pool.scheme, pool.host, pool.port)
        where_to_target(exchange, method, origin, url)
        return key, call, exchange, outer

    def returned(state, response, error):
        if state is None:
            return
        key, call, exchange, outer = state
        body = getattr(response, '_body', None)
        if isinstance(body, bytes):
            look_at(exchange, response.headers, body)
        if error is not None and exchange.answered is None:
            finish(exchange, error_name(error))
        if open_exchange.get(key) is exchange:
            open_exchange.pop(key, None)
        leave_call(key, call, error)

    def wants_connection(pool, *_, **__):
        return wants(pool, 'connection-pool') if pool.block else None

    def got_connection(state, connection, error):
        is_got(state, connection, error)
        if error is None:
            passes(open_exchange.get(key_here()), 'dispatched')

    def made(pool, *_, **__):
        new_resource(pool, 'connection-pool', class_name(type(pool)), None)
        return pool, users_line(outside())

    def sized(state, _, error):
        pool, line = state
        if error is None and pool.pool is not None:
            resource_of(pool, 'connection-pool').capacity = whole(pool.pool.maxsize) if pool.block else None
            remember_limit('connections', 'urllib3 pool_maxsize', pool.pool.maxsize, line, bool(pool.block))
    wrap_step(kind, 'urlopen', called, returned)
    wrap_step(kind, '_get_conn', wants_connection, got_connection)
    wrap(kind, '__init__', made, sized)


@when_imported('urllib3.connection', 'requests.packages.urllib3.connection', 'pip._vendor.urllib3.connection',
               'urllib3_future.connection')
def hook_urllib3_connection(module):
    for name in ('HTTPConnection', 'HTTPSConnection', 'VerifiedHTTPSConnection'):
        if isinstance(getattr(module, name, None), type):
            wrap_connect(getattr(module, name))


@when_imported('urllib3.response')
def hook_urllib3_response(module):
    """It takes chunks apart itself, and reads past the answer of http.client."""
    def reads(response, *_, **__):
        return response

    def chunk_read(response, data, error):
        answer_read(response._fp, data, error)

    def chunk_begun(response, _, error):
        if error is None and response.chunk_left == 0:
            answer_whole(response._fp)
    wrap(module.HTTPResponse, '_handle_chunk', reads, chunk_read)
    wrap(module.HTTPResponse, '_update_chunk_length', reads, chunk_begun)
