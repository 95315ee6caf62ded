# What a worker takes from a queue is a unit of work of its own, wanted since it was put there.
# supports: queue Python 2.7, 3.6-3.14; asyncio.Queue Python 3.6-3.14

MOST_QUEUED = 10000  # items of a queue that are known at once
# Modules whose queues hold no work of the program: a part knows what they do, or they make no requests.
NO_WORK_QUEUES = ('anyio', 'concurrent', 'asgiref', 'urllib3', 'logging')


class QueuedItems(object):
    """The Units of what lies in a queue, by the address of each item."""

    def __init__(self):
        self.units = {}
        self.count = 0
        self.taken = deque(maxlen=50)  # references to what came out lately: if it is put back, the queue is a pool
        self.is_pool = False

    def put(self, item, unit):
        if not self.is_pool and any(told() is item for told in now_in(self.taken)):
            self.is_pool = True
            self.units.clear()
        if not self.is_pool and self.count < MOST_QUEUED:
            self.units.setdefault(id(item), deque()).append(unit)
            self.count += 1

    def get(self, item):
        if not self.is_pool:
            self.remember(item)
        units = self.units.get(id(item))
        if not units:
            return None
        self.count -= 1
        unit = units.popleft()
        if not units:
            del self.units[id(item)]
        return None if self.is_pool else unit

    def remember(self, item):
        """By a reference, since the next item may lie at the same address. Numbers and texts are no items of a pool."""
        try:
            self.taken.append(_ref(item))
        except TypeError:
            if type(item) is object:  # a token
                self.taken.append(lambda: item)


def items_of(queue):
    items = queue.__dict__.get('_abreast')
    if items is None:
        items = queue.__dict__['_abreast'] = QueuedItems()
    return items


def is_work_queue():
    """Whether this code uses its queue for work: not inside a call, and not in one of those modules."""
    if not exchanges_expected or call_key() in open_call:
        return False
    names = (outside().f_globals.get('__name__') or '').split('.')
    return not any(name in names for name in NO_WORK_QUEUES)


def is_put(queue, item, *_, **__):
    if not is_work_queue():
        return None
    unit = hand_over('queue-item')
    unit.queued_in = resource_of(queue, 'queue', getattr(queue, 'maxsize', 0) or None)
    state = wants(queue, 'queue') if (getattr(queue, 'maxsize', None) or 0) > 0 else None
    items_of(queue).put(item, unit)
    return state


def was_put(state, result, error):
    is_got(state, result, error)


def is_taken(queue, *_, **__):
    if not is_work_queue():
        return None
    ends_item()
    return queue, None if getattr(queue, '_qsize', queue.qsize)() else wants(queue, 'queue')


def was_taken(state, item, error):
    if state is None:
        return
    queue, waiting = state
    leaves_alone(waiting)
    if error is not None or '_abreast' not in queue.__dict__ or call_key() in open_call:
        return
    unit = items_of(queue).get(item)
    if unit is not None:
        begins_item(unit)
    elif own_unit() is not None:
        own_unit().used = True  # its requests are wanted when they are called


def is_awaited(queue, *_, **__):
    return None if not is_work_queue() or queue.qsize() else wants(queue, 'queue')


def ends_item():
    """The worker looks for its next item: the one before is done."""
    unit = current_unit()
    if unit is None or unit.kind != 'queue-item':
        return
    worker = own_unit()
    if worker is unit:
        active.pop(here(), None)
    else:
        worker.item = None
    unit.ends()


def begins_item(unit):
    worker = own_unit()
    if worker is None:
        active[here()] = unit
    else:
        worker.item = unit
    thread = watch_thread()
    thread.seen = thread.call = None
    del thread.held[:]
    unit.started, unit.thread = now(), thread.tid
    begins_anew()


def wrap_queue(kind):
    wrap(kind, 'put', is_put, was_put)
    wrap(kind, 'get', is_taken, was_taken)


@when_imported('queue', 'Queue')
def hook_queues(module):
    wrap_queue(module.Queue)
    wrap(module.Queue, 'join', lambda queue: wants(queue, 'queue'), leaves_alone)


@when_imported('asyncio.queues')
def hook_asyncio_queues(module):
    def puts_now(queue, item, *_, **__):
        if '_abreast' not in queue.__dict__ or not items_of(queue).units.get(id(item)):  # put() calls it too
            leaves_alone(is_put(queue, item))

    wrap_async(module.Queue, 'put', is_put, was_put)
    wrap(module.Queue, 'put_nowait', puts_now)
    wrap_async(module.Queue, 'get', is_awaited, leaves_alone)
    wrap(module.Queue, 'get_nowait', is_taken, was_taken)
