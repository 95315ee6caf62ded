# Larger limits, where the program makes what has one: `raise`, with its name, its size, its line, and the new size.

NO_LIMIT = -1  # nobody gives it
# module, class, function, argument, its position, its default (None: the library finds one), names
RAISABLE = (
    ('concurrent.futures.thread', 'ThreadPoolExecutor', '__init__', 'max_workers', 0, None,
     ('ThreadPoolExecutor max_workers', 'asyncio default executor max_workers')),
    ('concurrent.futures.process', 'ProcessPoolExecutor', '__init__', 'max_workers', 0, None,
     ('ProcessPoolExecutor max_workers',)),
    ('multiprocessing.pool', 'Pool', '__init__', 'processes', 0, None,
     ('multiprocessing.pool.Pool processes', 'multiprocessing.pool.ThreadPool processes')),
    ('threading', 'Semaphore', '__init__', 'value', 0, 1, ('threading.Semaphore',)),
    ('threading', 'BoundedSemaphore', '__init__', 'value', 0, 1, ('threading.Semaphore',)),
    ('asyncio.locks', 'Semaphore', '__init__', 'value', 0, 1, ('asyncio.Semaphore',)),
    ('asyncio.locks', 'BoundedSemaphore', '__init__', 'value', 0, 1, ('asyncio.Semaphore',)),
    ('anyio._backends._asyncio', 'CapacityLimiter', '__init__', 'total_tokens', 0, NO_LIMIT,
     ('anyio.CapacityLimiter total_tokens',)),
    ('anyio._backends._asyncio', 'Semaphore', '__init__', 'initial_value', 0, NO_LIMIT, ('anyio.Semaphore',)),
    ('trio._sync', 'CapacityLimiter', '__init__', 'total_tokens', 0, NO_LIMIT, ('trio.CapacityLimiter',)),
    ('trio._sync', 'Semaphore', '__init__', 'initial_value', 0, NO_LIMIT, ('trio.Semaphore',)),
    ('gevent.pool', 'Pool', '__init__', 'size', 0, NO_LIMIT, ('gevent.pool.Pool size',)),
    ('eventlet.greenpool', 'GreenPool', '__init__', 'size', 0, 1000, ('eventlet GreenPool size',)),
    ('eventlet.semaphore', 'Semaphore', '__init__', 'value', 0, 1, ('eventlet.semaphore.Semaphore',)),
    ('requests.adapters', 'HTTPAdapter', '__init__', 'pool_maxsize', 1, 10, ('requests HTTPAdapter pool_maxsize',)),
    ('urllib3.connectionpool', 'HTTPConnectionPool', '__init__', 'maxsize', 3, 1, ('urllib3 pool_maxsize',)),
    ('httpcore._sync.connection_pool', 'ConnectionPool', '__init__', 'max_connections', None, 10,
     ('httpcore pool max_connections',)),
    ('httpcore._async.connection_pool', 'AsyncConnectionPool', '__init__', 'max_connections', None, 10,
     ('httpcore pool max_connections',)),
    ('aiohttp.connector', 'BaseConnector', '__init__', 'limit', None, 100, ('aiohttp connector limit',)),
    ('aiohttp.connector', 'BaseConnector', '__init__', 'limit_per_host', None, NO_LIMIT,
     ('aiohttp connector limit_per_host',)),
    ('curl_cffi.requests.session', 'AsyncSession', '__init__', 'max_clients', None, 10,
     ('curl_cffi AsyncSession max_clients',)),
    ('tornado.simple_httpclient', 'SimpleAsyncHTTPClient', 'initialize', 'max_clients', 0, 10,
     ('tornado SimpleAsyncHTTPClient max_clients',)),
    ('twisted.internet.defer', 'DeferredSemaphore', '__init__', 'tokens', 0, NO_LIMIT,
     ('twisted DeferredSemaphore',)),
)


def raised(names, size, where):
    """The name of a limit in a fix, and the size that it gets; None where it is not the one that is to be raised."""
    for name, old, line, new in fixes_named('raise'):
        if name in names and (size is None or size == int(old)) and line in ('', where):
            return name, int(new)
    return None


def raise_where_made(owner, function, argument, position, default, names):
    """Around the probe's own function, so that it sees the new size."""
    original = vars(owner).get(function)
    if original is None:
        return

    def given(self, *args, **kwargs):
        try:
            is_by_position = position is not None and len(args) > position
            size = args[position] if is_by_position else kwargs.get(argument, default)
            found = raised(names + (class_name(type(self)),), size, users_line(outside()))
            if found is not None:
                name, new = found
                if is_by_position:
                    args = args[:position] + (new,) + args[position + 1:]
                else:
                    kwargs[argument] = new
                fixed('raise', name)
        except Exception as error:
            trace.trouble('raise ' + names[0], error)
        return original(self, *args, **kwargs)
    _install(owner, function, original, given)


def raise_limits():
    for module, owner, function, argument, position, default, names in RAISABLE:
        def hook(loaded, owner=owner, rest=(function, argument, position, default, names)):
            kind = getattr(loaded, owner, None)
            if isinstance(kind, type):
                raise_where_made(kind, *rest)
        when_imported(module)(hook)


@fixes('raise', 'anyio.to_thread')
def raise_threads_of_anyio(module, name, size, _, new):
    """Those of its own limiter, which the probe asks for before each of them."""
    if name != 'anyio default thread limiter':
        return
    original = module.current_default_thread_limiter

    def current_default_thread_limiter():
        limiter = original()
        if limiter.total_tokens == int(size):
            limiter.total_tokens = int(new)
            fixed('raise', name)
        return limiter
    _install(module, 'current_default_thread_limiter', original, current_default_thread_limiter)


if fixes_named('raise'):
    raise_limits()
