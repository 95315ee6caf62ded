# Functions that are handed to a pool remember when and where that was.

class Handed(object):
    """A function handed to a pool, which remembers when and where that was."""

    def __init__(self, function, unit):
        self.function, self.unit = function, unit
        for name in ('__name__', '__doc__', '__module__'):
            if hasattr(function, name):
                setattr(self, name, getattr(function, name))

    def __call__(self, *args, **kwargs):
        unit = Unit(self.unit.kind, self.unit.wanted, self.unit.stack, self.unit.parent, self.unit.made)
        unit.queued_in = self.unit.queued_in
        before = begin_item(unit)
        try:
            return self.function(*args, **kwargs)
        except BaseException as error:
            leave_no_frame(error)
            raise
        finally:
            end_item(before)


def carry_function(owner, name, kind, concerns=lambda pool: True):
    """owner.name(pool, function, ...) hands over a function for every item of something."""
    original = vars(owner).get(name)
    if original is None:
        return

    def wrapper(pool, function, *args, **kwargs):
        if exchanges_expected and not isinstance(function, Handed) and callable(function):
            try:
                if concerns(pool):
                    function = Handed(function, hand_over(kind))
                    function.unit.queued_in = known_resource(pool)
            except Exception as error:
                trace.trouble(name, error)
        return original(pool, function, *args, **kwargs)
    _install(owner, name, original, wrapper)


def begin_item(unit):
    """This unit is worked on from here on: by the task that runs here, or else by the thread or greenlet."""
    key = None if current_task() is None else own_unit()
    if key is None:
        key = here()
        before = active.get(key)
        active[key] = unit
    else:
        before, key.item = key.item, unit
    thread = watch_thread()
    thread.seen = thread.call = None  # what it waited for until now was work
    del thread.held[:]
    unit.started, unit.thread = now(), thread.tid
    return key, before


def end_item(state):
    if state is not None:
        key, before = state
        is_task = isinstance(key, Unit)
        unit = key.item if is_task else active.get(key)
        if unit is not None and unit.kind != 'callback':  # which continues when its call has returned
            unit.ends()
        if is_task:
            key.item = before
        elif before is None:
            active.pop(key, None)
        else:
            active[key] = before
