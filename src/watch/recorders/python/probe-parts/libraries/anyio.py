# The sizes of semaphores and limiters.
# supports: anyio 3.x-4.x

@when_imported('anyio._core._synchronization')
def hook_anyio(module):
    remember_size(module.Semaphore, 'permits', 'anyio.Semaphore', 'initial_value', None)


@when_imported('anyio._backends._asyncio')
def hook_anyio_threads(module):
    remember_size(module.CapacityLimiter, 'permits', 'anyio.CapacityLimiter total_tokens', 'total_tokens', None)
