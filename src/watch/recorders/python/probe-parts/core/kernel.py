# What a thread waits for in the kernel, as Linux tells it in /proc.

SYSTEM_CALLS = {
    'x86_64': {0: 'read', 1: 'write', 7: 'poll', 19: 'read', 20: 'write', 23: 'select', 34: 'pause', 35: 'sleep',
               40: 'write', 42: 'connect', 43: 'accept', 44: 'write', 45: 'read', 46: 'write', 47: 'read', 61: 'wait4',
               65: 'futex', 70: 'pause', 72: 'fcntl', 73: 'flock', 74: 'fsync', 75: 'fsync', 128: 'pause',
               202: 'futex', 220: 'futex', 230: 'sleep', 232: 'epoll_wait', 243: 'pause', 247: 'wait4', 257: 'open',
               270: 'select', 271: 'poll', 281: 'epoll_wait', 288: 'accept', 441: 'epoll_wait'},
    'aarch64': {22: 'epoll_wait', 25: 'fcntl', 32: 'flock', 56: 'open', 63: 'read', 64: 'write', 65: 'read',
                66: 'write', 71: 'write', 72: 'select', 73: 'poll', 82: 'fsync', 83: 'fsync', 95: 'wait4', 98: 'futex',
                101: 'sleep', 115: 'sleep', 202: 'accept', 203: 'connect', 206: 'write', 207: 'read', 211: 'write',
                212: 'read', 242: 'accept', 260: 'wait4', 441: 'epoll_wait'}}
system_calls = SYSTEM_CALLS.get(os.uname()[4]) if LINUX else None


def kernel_wait(tid):
    """(what, count of descriptors, connections) that the thread waits for."""
    try:
        folder = '/proc/self/task/%d/' % tid
        return wait_of(read_file(folder + 'syscall').split(), lambda: read_file(folder + 'stat'))
    except Exception:
        return 'unknown', None, None


def wait_of(words, read_stat):
    """The same, from the words of the thread's file `syscall`: 'running', or a call's number and arguments."""
    if words[0] == 'running':
        return 'cpu', None, None
    name = system_calls.get(int(words[0]))
    if name is None:
        # It sleeps in a call that the table lacks; or else it works, or waits for a CPU or for its tracer.
        state = read_stat().rpartition(')')[2].split()[0]
        return 'call ' + words[0] if state in ('S', 'D') else 'cpu', None, None
    first, second = int(words[1], 16), int(words[2], 16)
    if name == 'poll':
        return name, second, connections_of(polled(first, second))
    if name == 'select':
        descriptors = selected(first, [int(word, 16) for word in words[2:5]])
        return (name, len(descriptors), connections_of(descriptors)) if first else ('sleep', None, None)
    if name == 'epoll_wait':
        descriptors = epolled(first)
        return name, len(descriptors), connections_of(descriptors)
    if name in ('read', 'write', 'connect'):
        return name, 1, connections_of([first])
    return name, None, None


def read_file(path):
    fd = os_open(path, os.O_RDONLY)
    try:
        return read_at(fd, 65536, 0).decode('ascii', 'replace')
    finally:
        os_close(fd)


def polled(address, count):
    """The descriptors in an array of struct pollfd."""
    if not 0 < count <= 256:
        return []
    data = memory(address, 8 * count)
    return [data[at] | data[at + 1] << 8 | data[at + 2] << 16 for at in range(0, len(data), 8)]


def selected(limit, addresses):
    """The descriptors below `limit` in the fd_sets of a select."""
    found = set()
    for address in addresses:
        if address and 0 < limit <= 1024:
            for place, byte in enumerate(memory(address, (limit + 7) // 8)):
                found.update(place * 8 + bit for bit in range(8) if byte >> bit & 1)
    return sorted(found)


def memory(address, size):
    fd = os_open('/proc/self/mem', os.O_RDONLY)
    try:
        return bytearray(read_at(fd, size, address))
    finally:
        os_close(fd)


def epolled(fd):
    lines = read_file('/proc/self/fdinfo/%d' % fd).splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith('tfd')]


def connections_of(descriptors):
    found = [connection_of_descriptor[fd] for fd in descriptors if fd in connection_of_descriptor]
    return found[:64] or None
