# Resources: what has a capacity, and units of work that wait for it.

class Resource(object):
    __slots__ = ('number', 'kind', 'name', 'capacity', 'stack', 'package', 'told', 'holders')

    def __init__(self, kind, name, capacity, stack, package):
        self.number = next(new_resource_id)
        self.kind, self.name, self.capacity, self.stack, self.package = kind, name, capacity, stack, package
        self.told = None  # the process whose trace has its record
        self.holders = None  # unit's number -> since when, once somebody has waited for it

    def tell(self):
        """Writes its record, unless it is written."""
        if self.told != trace.pid:
            self.told = trace.pid
            trace.write(self.line())
        return self.number

    def line(self):
        fields = [('id', self.number), ('pid', trace.pid), ('type', self.kind), ('name', self.name),
                  ('capacity', self.capacity)]
        for name, value in (('setAt', self.stack), ('package', self.package)):
            if value is not None:
                fields.append((name, value))
        return line_of('resource', fields)


new_resource_id = itertools.count(1)
MOST_PLACES, MOST_HOLDS = 2000, 20000  # resources whose making is remembered with its stack, and holds that are told
MOST_HOLDERS = 1000  # of one resource
SHORTEST_WAIT_US = 1000  # less is what the call itself takes
holds = {'told': 0}


def new_resource(subject, kind, name, capacity):
    """For something that is made here."""
    frame = outside()
    stack = stack_of(frame) if next_place() else None
    capacity = capacity if isinstance(capacity, WHOLE) and not isinstance(capacity, bool) else None
    resource = Resource(kind, name, capacity, stack, package_of(frame.f_code.co_filename))
    keep_resource(subject, resource)
    return resource


resources_of_slots = {}  # id(what has no __dict__) -> (weak reference, Resource)


def keep_resource(subject, resource):
    if hasattr(subject, '__dict__'):
        subject.__dict__['_abreast_resource'] = resource
        return
    address = id(subject)
    resources_of_slots[address] = (_ref(subject, lambda _: resources_of_slots.pop(address, None)), resource)


def known_resource(subject):
    if hasattr(subject, '__dict__'):
        return subject.__dict__.get('_abreast_resource')
    found = resources_of_slots.get(id(subject))
    return found[1] if found is not None and found[0]() is subject else None


places = {'made': 0}


def next_place():
    places['made'] += 1
    return exchanges_expected and places['made'] <= MOST_PLACES


def resource_of(subject, kind, capacity=None):
    """That of an object, whose making may not have been seen."""
    found = known_resource(subject)
    if found is None:
        found = Resource(kind, class_name(type(subject)), capacity, None, package_of_class(type(subject)))
        keep_resource(subject, found)
    return found


def package_of_class(kind):
    module = sys.modules.get(kind.__module__)
    return package_of(getattr(module, '__file__', None) or '')


def whole(number):
    """A capacity as a whole number; None where there is no limit."""
    return int(number) if number is not None and 0 < number < 1 << 31 else None


def package_of(path):
    """The installed package that a file belongs to, or None."""
    path = path.replace('\\', '/')
    for folder in ('/site-packages/', '/dist-packages/'):
        before, found, rest = path.rpartition(folder)
        if found:
            return rest.partition('/')[0].partition('.py')[0]
    return None


def waiter_here():
    """What waits if this code waits: its unit, if an event loop or a hub runs it, else its thread."""
    unit = own_unit()
    if unit is not None and (unit.kind == 'greenlet' or current_task() is not None):
        return unit
    return watch_thread() if greenlet_of_thread is None else Nobody()


class Nobody(object):
    """A greenlet that is no unit."""
    waits_for = None


def wants(subject, kind, capacity=None):
    """This code may wait for a resource now. Returns what is_got() needs."""
    if not exchanges_expected:
        return None
    waiter = waiter_here()
    if waiter.waits_for is not None:
        return None  # it is part of another wait
    resource = resource_of(subject, kind, capacity)
    before, waiter.waits_for = waiter.waits_for, resource
    return resource, waiter, before, now()


def is_got(state, result, error):
    """It has got it, or has given up."""
    if state is None:
        return
    resource, waiter, before, since = state
    waiter.waits_for = before
    waited = now() - since
    if waited > SHORTEST_WAIT_US:
        if resource.holders is None:
            resource.holders = {}
            contended['ever'] = True
        key = call_key()
        if key not in open_call and key not in open_exchange:
            waited_for_room(waited, resource)


def holds_now(resource):
    """Its holder is remembered, if anybody has ever waited for it."""
    if resource.holders is not None and len(resource.holders) < MOST_HOLDERS:
        resource.holders[call_key()] = (now(), current_unit())


def gives_back(subject):
    resource = known_resource(subject)
    if resource is None or not resource.holders:
        return
    since, unit = resource.holders.pop(call_key(), (None, None))
    if since is None or holds['told'] >= MOST_HOLDS or (unit is not None and not unit.used):
        return
    holds['told'] += 1
    fields = [('resource', resource.tell())]
    if unit is not None:
        fields.append(('unit', unit.tell()))
    trace.write_soon(line_of('hold', fields + [('fromUs', since), ('toUs', now())]))


def watch_permits(owner, kind, wrap_step):
    """owner.acquire() and owner.release(): waits name the resource, and holds are told."""
    def acquires(subject, *_, **__):
        return subject, wants(subject, kind) if may_wait(subject) else None

    def acquired(state, result, error):
        subject, waiting = state
        if waiting is not None:
            is_got(waiting, result, error)
        if contended and error is None and result is not False:
            resource = known_resource(subject)
            if resource is not None:
                holds_now(resource)
    wrap_step(owner, 'acquire', acquires, acquired)
    wrap(owner, 'release', lambda subject, *_, **__: gives_back(subject) if contended else None)


contended = {}  # not empty, once anybody has waited for a resource


def may_wait(subject):
    """Whether code that wants this now has to wait, as far as its fields tell."""
    fields = getattr(subject, '__dict__', None)
    if fields is not None:
        if '_locked' in fields:  # asyncio.Lock
            return fields['_locked']
        if 'counter' in fields:  # that of eventlet
            return fields['counter'] <= 0
        if '_value' in fields:  # Semaphore
            return fields['_value'] <= 0 or bool(fields.get('_waiters'))
    return True
