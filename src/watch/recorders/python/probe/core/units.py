# Units of work: tasks, greenlets, executor items and threads, which the program hands over to run beside other work.

class Unit(object):
    __slots__ = ('number', 'kind', 'wanted', 'stack', 'used', 'started', 'thread', 'subject', 'waiting', '__weakref__')

    def __init__(self, kind, wanted, stack):
        self.kind = kind
        self.number = None
        self.wanted = wanted
        self.stack = stack
        self.used = False
        self.started = None
        self.thread = None
        self.subject = None
        self.waiting = None

    def line(self):
        """Its record. Others name it by its number."""
        if self.number is None:
            self.number = next(new_unit_number)
        fields = [('id', self.number), ('pid', trace.pid), ('type', self.kind), ('madeUs', self.wanted)]
        if self.started is not None:
            fields.append(('begunUs', self.started))
        if self.stack is not None:
            fields.append(('madeAt', self.stack))
        return line_of('unit', fields)

    def tell(self):
        if self.number is None:
            trace.write(self.line())
        return self.number


new_unit_number = itertools.count(1)
registered = {}  # id(task or greenlet) -> (weak reference, Unit)
active = {}  # thread ident, or id of its greenlet -> the Unit that it works on
handing_over = {}  # thread ident -> Unit of a task that may start before its hand-over is done
greenlet_of_thread = None  # greenlet.getcurrent, once there are greenlets
running_loop = task_of_loop = None  # of asyncio, once it is there


def register(subject, unit):
    address = id(subject)

    def gone(_, address=address, registered=registered):
        registered.pop(address, None)
    registered[address] = (_ref(subject, gone), unit)
    return unit


def unit_of(subject):
    found = registered.get(id(subject))
    return found[1] if found is not None and found[0]() is subject else None


def here():
    """What tells apart the work that runs side by side in synchronous code: the greenlet, or else the thread."""
    return native_ident() if greenlet_of_thread is None else id(greenlet_of_thread())


def current_task():
    if running_loop is None:
        return None
    loop = running_loop()
    return None if loop is None else task_of_loop(loop)


def current_unit():
    task = current_task()
    if task is not None:
        return unit_of(task) or handing_over.get(native_ident())
    if greenlet_of_thread is not None:
        greenlet = greenlet_of_thread()
        unit = active.get(id(greenlet)) or unit_of(greenlet)
        if unit is not None:
            return unit
    return active.get(native_ident())


def hand_over(kind):
    """A Unit that is asked now."""
    at = now()
    watch_thread().asks = True
    return Unit(kind, at, stack_of(outside(), None, loop_codes) if exchanges_expected else None)


exchanges_expected = False  # whether an HTTP library is loaded: before that nothing is worth a stack


def call_key():
    task = current_task()
    return here() if task is None else id(task)


def expect_exchanges():
    global exchanges_expected
    exchanges_expected = True
