# Tasks of event loops, name look-ups, and the sizes of semaphores.
# supports: asyncio Python 3.6-3.14; uvloop 0.x

@when_imported('asyncio.base_events')
def hook_event_loop(module):
    wrap_create_task(module.BaseEventLoop)

    def looks_up(*_, **__):
        exchange = open_exchange.get(id(current_task()))
        return exchange, now()

    def looked_up(state, *_):
        exchange, began = state
        if exchange is not None:
            exchange.connecting = exchange.connecting or Route()
            exchange.connecting.dns_from, exchange.connecting.dns_to = began, now()
    if sys.version_info >= (3, 7):
        wrap_async(module.BaseEventLoop, 'getaddrinfo', looks_up, looked_up)


@when_imported('uvloop')
def hook_uvloop(module):
    def create_task(self, *args, **kwargs):
        return super(module.Loop, self).create_task(*args, **kwargs)
    module.Loop.create_task = create_task
    wrap_create_task(module.Loop)


def wrap_create_task(loop_class):
    original = loop_class.create_task

    def create_task(self, *args, **kwargs):
        ident = unit = None
        if exchanges_expected:
            try:
                unit = continued_unit(outside()) or hand_over('task')
                ident = native_ident()
                before = handing_over.get(ident)
                handing_over[ident] = unit
            except Exception as error:
                trace.trouble('create_task', error)
        try:
            task = original(self, *args, **kwargs)
        finally:
            if ident is not None:
                if before is None:
                    handing_over.pop(ident, None)
                else:
                    handing_over[ident] = before
        if unit is not None:
            try:
                register(task, unit)
            except Exception as error:
                trace.trouble('create_task', error)
        return task
    _install(loop_class, 'create_task', original, create_task)


def continued_unit(frame):
    """Before 3.12, wait_for makes a task of its own: it continues the work of the task that called it."""
    for _ in range(3):
        if frame is None:
            return None
        code = frame.f_code
        if code.co_name in ('wait_for', 'shield') and 'asyncio' in code.co_filename:
            return current_unit()
        frame = frame.f_back
    return None


@when_imported('asyncio.events')
def hook_handles(module):
    loop_codes.add(id(module.Handle._run.__code__))


@when_imported('asyncio.tasks')
def hook_tasks(module):
    global running_loop, task_of_loop
    events = sys.modules.get('asyncio.events')
    task_of_loop = getattr(module, 'current_task', None) or module.Task.current_task
    running_loop = events._get_running_loop


@when_imported('asyncio.locks')
def hook_asyncio_locks(module):
    remember_size(module.Semaphore, 'permits', 'asyncio.Semaphore', 'value', 1)
    watch_permits(module.Semaphore, 'semaphore', wrap_async)
    watch_permits(module.Lock, 'lock', wrap_async)

    def makes_lock(lock, *_, **__):
        new_resource(lock, 'lock', 'asyncio.Lock', 1)
    wrap(module.Lock, '__init__', makes_lock)
