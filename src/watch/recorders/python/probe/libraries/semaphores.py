def remember_size(owner, kind, name, argument, default):
    """The sizes of semaphores and the like, where somebody makes them."""
    def made(self, *args, **kwargs):
        value = kwargs.get(argument, args[0] if args else default)
        frame = outside()
        if value and 'httpcore' not in frame.f_code.co_filename:  # which names its limits itself
            remember_limit(kind, name, value, users_line(frame))
    wrap(owner, '__init__', made)


@when_imported('asyncio.locks')
def hook_asyncio_locks(module):
    remember_size(module.Semaphore, 'permits', 'asyncio.Semaphore', 'value', 1)


@when_imported('anyio._core._synchronization')
def hook_anyio(module):
    remember_size(module.Semaphore, 'permits', 'anyio.Semaphore', 'initial_value', None)


@when_imported('anyio._backends._asyncio')
def hook_anyio_threads(module):
    remember_size(module.CapacityLimiter, 'permits', 'anyio.CapacityLimiter total_tokens', 'total_tokens', None)


@when_imported('aiolimiter.leakybucket')
def hook_aiolimiter(module):
    remember_size(module.AsyncLimiter, 'rate', 'aiolimiter.AsyncLimiter max_rate', 'max_rate', None)


@when_imported('gevent.lock', 'gevent._semaphore')
def hook_gevent_locks(module):
    if isinstance(getattr(module, 'BoundedSemaphore', None), type):
        try:
            remember_size(module.BoundedSemaphore, 'permits', 'gevent BoundedSemaphore', 'value', 1)
        except TypeError:
            pass  # compiled


@when_imported('threading')
def hook_threading_semaphore(module):
    if isinstance(getattr(module, 'Semaphore', None), type):
        remember_size(module.Semaphore, 'permits', 'threading.Semaphore', 'value', 1)
