# Semaphores, locks and limiters, and what goes to threads.
# supports: anyio 3.x-4.x

@when_imported('anyio._core._synchronization')
def hook_anyio(module):
    remember_size(module.Semaphore, 'permits', 'anyio.Semaphore', 'initial_value', None)
    for kind, name in (('Semaphore', 'semaphore'), ('Lock', 'lock')):
        watch_permits(getattr(module, kind), name, wrap_async)


@when_imported('anyio._backends._asyncio')
def hook_anyio_asyncio(module):
    remember_size(module.CapacityLimiter, 'permits', 'anyio.CapacityLimiter total_tokens', 'total_tokens', None)
    for kind, name in (('Semaphore', 'semaphore'), ('Lock', 'lock'), ('CapacityLimiter', 'semaphore')):
        if getattr(getattr(module, kind, None), '__module__', None) == module.__name__:
            watch_permits(getattr(module, kind), name, wrap_async)


@when_imported('anyio.to_thread')
def hook_anyio_to_thread(module):
    """What goes to a thread is wanted when it is handed over, though it waits for the limiter before."""
    original = module.run_sync

    def run_sync(function, *args, **kwargs):
        if exchanges_expected and callable(function):
            try:
                unit = hand_over('executor-item')
                limiter = kwargs.get('limiter')
                if limiter is None:
                    limiter = module.current_default_thread_limiter()
                    remember_limit('workers', 'anyio default thread limiter', whole(limiter.total_tokens))
                unit.queued_in = resource_of(limiter, 'semaphore')
                unit.queued_in.capacity = whole(limiter.total_tokens)
                function = Handed(function, unit)
            except Exception as error:
                trace.trouble('anyio.to_thread.run_sync', error)
        return original(function, *args, **kwargs)
    _install(module, 'run_sync', original, run_sync)
