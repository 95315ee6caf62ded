# Exchanges: one request on the wire each, and the steps that it passes.

STEPS = ('wanted', 'called', 'dispatched', 'connected', 'sent', 'answered', 'read')
new_exchange_id, new_request_id, new_connection_id = itertools.count(1), itertools.count(1), itertools.count(1)
pending = {}  # id -> Exchange that is not read
open_exchange = {}  # here() or id(task) -> Exchange that is not sent
open_call = {}  # here() or id(task) -> Call
latest = {}  # here() or id(task) -> its latest Exchange that is not read
connection_of_descriptor = {}


class Exchange(object):
    """One request on the wire. Times are trace times, None for a step that was not passed."""
    wanted = called = dispatched = connected = sent = answered = read = failed = None
    id = request = thread = carrier = unit = connection = ordinal = method = origin = url = status = error = None
    stack = estimated = route = connecting = None
    waiting = None  # for a connection of a pool
    held_in = retry_after = body = None  # held_in: ids of exchanges whose answers held a part of its URL
    is_located = is_looked_at = by_pool = is_unread = False
    key = left = handled = None  # left: when its unit went on to its next call, and had not read the answer
    attempt, because, done = 1, 'first', False


last_end = [0]


def ended_last():
    """When the latest exchange ended."""
    return last_end[0]


class Call(object):
    """One call into an HTTP library: the exchange that it makes, its retries and its redirects."""
    __slots__ = ('called', 'wanted', 'stack', 'unit', 'request', 'last', 'made', 'target')


def enter_call(key):
    """Begins a call, unless this is inside one. Returns it, for leave_call."""
    if key in open_call:
        return None
    leaves_unread(key)
    call = Call()
    call.called = now()
    call.unit = current_unit()
    call.wanted = wanted_by(call.called)
    call.stack = asking_stack(call.unit)
    call.request = next(new_request_id)
    call.last = None
    call.made = 0
    call.target = None
    open_call[key] = call
    return call


def asking_stack(unit):
    if unit is None or unit.stack is None:
        return stack_of(outside())
    return stack_of(outside(), unit.stack, loop_codes)


def leave_call(key, call, error=None):
    """Ends a call. What it leaves open has failed with it; one that failed before any exchange gets one that says so."""
    if call is None:
        return
    if error is not None and not isinstance(error, GeneratorExit):
        if call.made == 0 and call.target is not None:
            where_to(new_exchange(key), *call.target)
        exchange = call.last
        if exchange is not None and exchange.answered is None:
            finish(exchange, error_name(error))
    open_call.pop(key, None)


def new_exchange(key):
    """An exchange begins: the first of its call, or a retry or redirect in it."""
    start_sampler()
    call = open_call.get(key)
    at = now()
    exchange = Exchange()
    exchange.id = next(new_exchange_id)
    unit = call.unit if call else current_unit()
    if call is None:
        leaves_unread(key)
        exchange.request = next(new_request_id)
        exchange.called = at
        exchange.wanted = wanted_by(at)
        exchange.stack = asking_stack(unit)
    else:
        exchange.request = call.request
        exchange.stack = call.stack
        exchange.called = exchange.wanted = at
        if call.made == 0:
            exchange.called, exchange.wanted = call.called, call.wanted
        elif call.last is not None and call.last.error is None and str(call.last.status)[:1] == '3':
            exchange.because = 'redirect'
        elif call.last is not None and call.last.error is None and call.last.status in (401, 407):
            exchange.because = 'challenge'
        else:
            exchange.because = 'retry'
            exchange.attempt = call.last.attempt + 1 if call.last else 2
        call.made += 1
        call.last = exchange
    if unit is not None:
        exchange.unit = unit
        unit.waiting = exchange
        unit.tell()
        if not unit.used:
            unit.used = True
            if unit.kind == 'task':
                ends_with_task(unit)
            exchange.wanted = min(unit.wanted, exchange.wanted)
            waited_to_begin(unit)
    elif greenlet_of_thread is not None and greenlet_of_thread().parent is not None:
        exchange.estimated = ['wantedUs']  # a greenlet whose spawning was not seen
    begins_anew()
    thread = watch_thread()
    exchange.thread = thread.tid
    exchange.carrier = thread
    thread.carries += 1
    thread.events += 1
    thread.event_at = at
    if thread.held:
        release_held(thread, exchange.wanted)
    exchange.key = key
    latest[key] = pending[exchange.id] = exchange
    return exchange


def waited_to_begin(unit):
    """What it waited for since it was wanted: its turn, or room for its making."""
    begun = unit.made if unit.kind in ('thread', 'task') else unit.started
    if begun is not None and begun - unit.wanted > 5000:
        write_block(unit.thread, unit.wanted, begun, unit.kind, unit.stack, unit=unit.number,
                    wait=unit_queue(unit), resource=unit.queued_in or unit.lacked)


def ends_with_task(unit):
    task = current_task()
    if task is not None and unit_of(task) is unit and hasattr(task, 'add_done_callback'):
        task.add_done_callback(lambda _: unit.ends())


def where_to(exchange, method, origin, url):
    exchange.method = text_of(method)
    exchange.origin = text_of(origin)
    url = text_of(url)
    exchange.url = clean_url(url)
    if not exchange.is_located:
        exchange.is_located = True
        exchange.held_in = sources.of(url)


def where_to_target(exchange, method, origin, target):
    """The same, by the target of its request line: a path, or to a proxy a whole URL (RFC 9112 section 3.2)."""
    target = text_of(target)
    if '://' in target[:10]:
        where_to(exchange, *target_of(method, target))
    else:
        where_to(exchange, method, origin, origin + target)


def passes(exchange, step):
    """The exchange passes a step now, if it did not before."""
    if exchange is not None and getattr(exchange, step) is None and not exchange.done:
        at = now()
        setattr(exchange, step, at)
        carrier = exchange.carrier
        carrier.events += 1
        carrier.event_at = at


def finish(exchange, error=None):
    """The exchange is read, or has failed."""
    if exchange is None or exchange.done:
        return
    exchange.done = True
    at = last_end[0] = now()
    if error is None:
        if exchange.answered is None:
            exchange.answered = at
        if exchange.read is None:
            exchange.read = at
        if not exchange.is_looked_at and str(exchange.status)[:1] != '3':
            sources.leave(exchange)
    else:
        exchange.error = error
        exchange.failed = at
    pending.pop(exchange.id, None)
    if latest.get(exchange.key) is exchange:
        del latest[exchange.key]
    carrier = exchange.carrier
    carrier.carries -= 1
    carrier.events += 1
    carrier.event_at = at
    trace.write(exchange_line(exchange))


def leaves_unread(key):
    """The unit makes its next call. An answer that it has not read ends now, unless it is read later."""
    exchange = latest.get(key)
    if exchange is not None and exchange.answered is not None and exchange.left is None:
        exchange.left = now()


def end_unread(exchange):
    """Nobody will read the rest of its body: it ended when its unit went on, or when the last of it came, if earlier."""
    if exchange is None or exchange.done:
        return
    exchange.is_looked_at = True
    if exchange.answered is not None and exchange.read is None:
        ended = now() if exchange.left is None else exchange.left
        came = None if exchange.route is None else last_data(exchange.route)
        exchange.read = ended if came is None else min(ended, max(came - KERNEL_TICK_US, exchange.answered))
        exchange.is_unread = True
    finish(exchange)


def has_room(exchange):
    """The pool has a connection for it, or room for one."""
    state, exchange.waiting = exchange.waiting, None
    is_got(state, None, None)


def failure_meanwhile(exchange):
    """The name of the network's error that is being handled here and came after the exchange's answer, or None."""
    error = sys.exc_info()[1]
    if error is None or id(error) == exchange.handled:
        return None
    network = isinstance(error, EnvironmentError) or any(
        base.__module__.partition('.')[0] in ('http', 'httplib', 'urllib3', 'requests', 'socket', 'ssl')
        for base in type(error).__mro__)
    return error_name(error) if network else None


def discard(exchange):
    """It turns out that another part knows of this exchange."""
    if not exchange.done:
        exchange.done = True
        pending.pop(exchange.id, None)
        exchange.carrier.carries -= 1


def exchange_line(exchange):
    latest, times = 0, []
    for at in (exchange.wanted, exchange.called, exchange.dispatched, exchange.connected, exchange.sent,
               exchange.answered, exchange.read):
        if at is None:
            times.append('null')
            continue
        if latest - at > 50:
            trace.lost['clamped'] += 1
        latest = max(latest, at)
        times.append(latest)
    more = ''
    if exchange.unit is not None:
        more += ',"unit":%d' % exchange.unit.number
    if exchange.method:
        more += ',"method":%s' % quote(exchange.method)
    if exchange.url:
        more += ',"url":%s' % quote(exchange.url)
    if exchange.stack is not None:
        more += ',"stack":%d' % exchange.stack
    if exchange.failed is not None:
        more += ',"failedUs":%d' % max(exchange.failed, latest)
    if exchange.is_unread:
        more += ',"unread":true'
    if exchange.held_in is not None:
        more += ',"from":%s' % dumps(exchange.held_in)
    if exchange.retry_after is not None and exchange.status in (429, 503):
        more += ',"retryAfterSeconds":%d' % exchange.retry_after
    if exchange.estimated:
        more += ',"estimated":%s' % dumps(exchange.estimated)
    return EXCHANGE_LINE % (
        exchange.id, exchange.request, exchange.attempt, exchange.because, trace.pid, exchange.thread,
        'null' if exchange.connection is None else exchange.connection,
        'null' if exchange.ordinal is None else exchange.ordinal, quote(exchange.origin or ''),
        times[0], times[1], times[2], times[3], times[4], times[5], times[6],
        'null' if exchange.status is None else exchange.status,
        'null' if exchange.error is None else quote(exchange.error), more)


EXCHANGE_LINE = (
    '{"kind":"exchange","id":%d,"request":%d,"attempt":%d,"because":"%s","pid":%d,"thread":%d,"connection":%s,'
    '"ordinal":%s,"origin":%s,"wantedUs":%s,"calledUs":%s,"dispatchedUs":%s,"connectedUs":%s,"sentUs":%s,'
    '"answeredUs":%s,"readUs":%s,"status":%s,"error":%s%s}\n')
