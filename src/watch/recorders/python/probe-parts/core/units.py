# Units of work: tasks, greenlets, executor items and threads, which the program hands over to run beside other work.

class Unit(object):
    parent = None  # a weak reference: units that make each other without end must not stay
    maker = None  # the number of the unit that made it, once both are told
    told = None  # the process whose trace has its record
    used = False  # whether its first exchange was made
    started = ended = thread = None
    waiting = None  # its latest exchange
    item = None  # the Unit that it took from a queue and works on
    queued_in = None  # the Resource that it waits for until it begins
    waits_for = None  # the Resource that its code wants
    lacked = None  # the Resource that its producer waited for, while it was wanted and not made
    held_back = None  # HeldBack: how long it waited before it could do, or hand over, its next work
    method = route = None  # of a request that the program takes

    def __init__(self, kind, wanted, stack, parent=None, made=None):
        global latest_unit
        self.number = latest_unit = next(new_unit_number)
        self.kind = kind
        self.wanted = wanted
        self.stack = stack
        self.made = now() if made is None else made
        if parent is not None:
            self.parent = parent

    def made_by(self):
        return None if self.parent is None else self.parent()

    def know_maker(self):
        maker = self.made_by()
        if maker is not None:
            self.maker = maker.number
        return self

    def line(self):
        """Its record. Others name it by its number."""
        fields = [('id', self.number), ('pid', trace.pid), ('type', self.kind)]
        if self.maker is not None:
            fields.append(('parent', self.maker))
        fields.append(('madeUs', self.made))
        if self.started is not None or self.kind in UNITS_THAT_END:
            fields.append(('begunUs', self.started))
        if self.ended is not None or self.kind in UNITS_THAT_END:
            fields.append(('endedUs', self.ended))
        if self.stack is not None:
            fields.append(('madeAt', self.stack))
        if self.kind == 'served-request':
            fields += [('method', self.method), ('route', self.route)]
        return line_of('unit', fields)

    def untold(self):
        """This unit and those that it came from, as far as the trace has no record of them, the first one first."""
        found, unit = [], self
        while unit is not None and unit.told != trace.pid:
            found.append(unit)
            unit = unit.made_by()
        return found[::-1]

    def tell(self):
        """Its record is written when it has ended, or the process has."""
        for unit in self.untold():
            unit.told = trace.pid
            unit.know_maker()
            if unit.kind not in UNITS_THAT_END or unit.ended is not None or len(open_units) >= MOST_OPEN_UNITS:
                trace.write_soon(unit.line())
            else:
                open_units[unit.number] = unit
        return self.number

    def ends(self):
        """It has ended; its record is written. Of those that made no exchange, the first ones alone have one."""
        if self.ended is not None:
            return
        self.ended = now()
        if open_units.pop(self.number, None) is not None:
            trace.write_soon(self.line())
        elif self.told != trace.pid and idle_units['told'] < MOST_IDLE_UNITS and sampler.began is not None:
            idle_units['told'] += 1
            self.tell()


UNITS_THAT_END = ('thread', 'executor-item', 'queue-item', 'task', 'served-request')  # those whose end is seen
MOST_OPEN_UNITS, MOST_IDLE_UNITS = 10000, 1000
open_units = {}  # number -> Unit that is told and has not ended
idle_units = {'told': 0}
new_unit_number = itertools.count(1)
latest_unit = 0
lately_registered = deque(maxlen=256)  # (id, weak reference, Unit) of the last ones
registered = {}  # id(task or greenlet) -> (weak reference, Unit)
active = {}  # thread ident, or id of its greenlet -> the Unit that it works on
handing_over = {}  # thread ident -> Unit of a task that may start before its hand-over is done
greenlet_of_thread = None  # greenlet.getcurrent, once there are greenlets
running_loop = task_of_loop = task_of_trio = None  # of asyncio and trio, once they are there


def register(subject, unit):
    address = id(subject)

    def gone(_, address=address, registered=registered):
        registered.pop(address, None)
    found = registered[address] = (_ref(subject, gone), unit)
    lately_registered.append((address,) + found)
    return unit


def unit_of(subject):
    found = registered.get(id(subject))
    return found[1] if found is not None and found[0]() is subject else None


def here():
    """What tells apart the work that runs side by side in synchronous code: the greenlet, or else the thread."""
    return native_ident() if greenlet_of_thread is None else id(greenlet_of_thread())


def current_task():
    loop = None if running_loop is None else running_loop()
    if loop is not None:
        return task_of_loop(loop)
    return None if task_of_trio is None else task_of_trio()


def current_unit():
    """The Unit that is worked on here: what a worker took from a queue, or else the worker itself."""
    unit = own_unit()
    return unit if unit is None or unit.item is None else unit.item


def own_unit():
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
    global exchanges_expected
    at = now()
    watch_thread().asks = True
    parent = current_unit()
    if not is_http_loaded and latest_unit > PATIENCE:
        exchanges_expected = False
    unit = Unit(kind, wanted_by(at), stack_of(outside(), None, loop_codes) if exchanges_expected else None,
                None if parent is None else _ref(parent), at)
    if unit.wanted < at:
        unit.lacked = held_back_here().resource
    return unit


class HeldBack(object):
    """How long a unit waited for room since it knew what to do: its next work was wanted so much earlier."""
    __slots__ = ('since', 'waited', 'resource')

    def __init__(self, since):
        self.since = since
        self.waited = 0
        self.resource = None  # the last one


main_held_back = {}  # here() -> HeldBack, of work that belongs to no unit
MOST_HELD_BACK = 1000


def held_back_here():
    unit = own_unit()
    if unit is not None:
        return unit.held_back
    return main_held_back.get(here()) if main_held_back else None


def waited_for_room(waited, resource):
    """The unit that runs here waited so long before it could do, or hand over, its next work."""
    found = held_back_here()
    if found is None:
        found, unit = HeldBack(0), own_unit()
        if unit is not None:
            unit.held_back = found
        elif len(main_held_back) < MOST_HELD_BACK:
            main_held_back[here()] = found
    found.waited += waited
    found.resource = resource


def wanted_by(at):
    """When work that is handed over here at this time is wanted: earlier, by what its producer waited for room."""
    found = held_back_here()
    return at if found is None else max(found.since, at - found.waited)


def learns(*_):
    """This code waited for what others did."""
    begins_anew()


def begins_anew():
    """What this unit hands over from now on depends on what it learns now."""
    found = held_back_here()
    if found is not None:
        found.since, found.waited = now(), 0


exchanges_expected = False  # whether the process may make any: before that nothing is worth a stack
PATIENCE = 20000  # units that a process may make which knows of sockets and makes no request


def call_key():
    task = current_task()
    return here() if task is None else id(task)


is_http_loaded = False


def expect_exchanges():
    """An HTTP library is loaded, or a request was made."""
    global exchanges_expected, is_http_loaded
    exchanges_expected = is_http_loaded = True


def expect_sockets():
    global exchanges_expected
    exchanges_expected = True
