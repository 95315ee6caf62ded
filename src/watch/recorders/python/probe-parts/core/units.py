# Units of work: tasks, greenlets, executor items and threads, which the program hands over to run beside other work.

class Unit(object):
    __slots__ = ('number', 'kind', 'wanted', 'stack', 'parent', 'told', 'used', 'started', 'thread', 'waiting',
                 '__weakref__')

    def __init__(self, kind, wanted, stack, parent=None):
        self.number = next(new_unit_number)
        self.kind = kind
        self.wanted = wanted
        self.stack = stack
        self.parent = parent  # a weak reference: units that make each other without end must not stay
        self.told = None  # the process whose trace has its record
        self.used = False
        self.started = None
        self.thread = None
        self.waiting = None

    def made_by(self):
        return None if self.parent is None else self.parent()

    def line(self):
        """Its record. Others name it by its number."""
        fields = [('id', self.number), ('pid', trace.pid), ('type', self.kind)]
        parent = self.made_by()
        if parent is not None:
            fields.append(('parent', parent.number))
        fields.append(('madeUs', self.wanted))
        if self.started is not None:
            fields.append(('begunUs', self.started))
        if self.stack is not None:
            fields.append(('madeAt', self.stack))
        return line_of('unit', fields)

    def untold(self):
        """This unit and those that it came from, as far as the trace has no record of them, the first one first."""
        found, unit = [], self
        while unit is not None and unit.told != trace.pid:
            found.append(unit)
            unit = unit.made_by()
        return found[::-1]

    def tell(self):
        """Writes its record, unless it is written."""
        for unit in self.untold():
            unit.told = trace.pid
            trace.write(unit.line())
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
    """A Unit that is wanted now, by the unit that runs here."""
    at = now()
    watch_thread().asks = True
    parent = current_unit()
    return Unit(kind, at, stack_of(outside(), None, loop_codes) if exchanges_expected else None,
                None if parent is None else _ref(parent))


exchanges_expected = False  # whether an HTTP library is loaded: before that nothing is worth a stack


def call_key():
    task = current_task()
    return here() if task is None else id(task)


def expect_exchanges():
    global exchanges_expected
    exchanges_expected = True
