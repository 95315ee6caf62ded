# What a worker takes from a queue: its requests are wanted when they are called.
# supports: queue Python 2.7, 3.6-3.14; asyncio.Queue Python 3.6-3.14

@when_imported('queue', 'Queue', 'asyncio.queues')
def hook_queues(module):
    """Who takes work from a queue is a worker: its requests are asked when they are called."""
    def took(*_):
        unit = current_unit()
        if unit is not None:
            unit.used = True
    if module.__name__ == 'asyncio.queues':
        wrap_async(module.Queue, 'get', None, took)
    else:
        wrap(module.Queue, 'get', None, lambda _, item, error: took() if active or registered else None)
