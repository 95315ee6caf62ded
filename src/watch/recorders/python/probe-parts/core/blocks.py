# Blocks: what a thread or a unit of work waited for, and how long.

def write_block(*args, **kwargs):
    trace.write(block_line(*args, **kwargs))


# What a call waits for. Where it is not here, only the stack can tell: 'other'.
WAIT_KINDS = dict.fromkeys(('poll', 'select', 'epoll_wait', 'kevent', 'io_uring_enter'), 'poll')
WAIT_KINDS.update((call, call) for call in ('read', 'write', 'connect', 'sleep', 'cpu'))
WAIT_KINDS.update({'wait': 'child', 'wait4': 'child', 'getaddrinfo': 'name', 'flock': 'lock'})


def unit_queue(unit):
    """What a unit waits for that is not begun."""
    lacked = unit.queued_in or unit.lacked
    if lacked is not None and unit.kind in ('thread', 'task') and lacked.kind != 'other':
        return lacked.kind
    return 'executor' if unit.kind == 'executor-item' else 'queue'


def block_line(tid, first, last, call, stack, connections=None, descriptors=None, samples=None, unit=None, wait=None,
               resource=None):
    fields = [('pid', trace.pid)]
    if tid is not None:
        fields.append(('thread', tid))
    if unit is not None:
        fields.append(('unit', unit))
    waits = {'kind': wait or WAIT_KINDS.get(call, 'other'), 'call': call}
    if connections is not None:
        waits['connections'] = connections
    if descriptors is not None:
        waits['descriptors'] = descriptors
    if resource is not None:
        waits['resource'] = resource.tell()
    fields += [('fromUs', first), ('toUs', last), ('wait', waits)]
    for name, value in (('stack', stack), ('samples', samples)):
        if value is not None:
            fields.append((name, value))
    return line_of('block', fields)
