# The native threads of the program, as the sampler knows them.

class Watched(object):
    """What the sampler knows of a native thread."""
    __slots__ = ('ident', 'tid', 'cpu_clock', 'asks', 'carries', 'events', 'event_at', 'seen', 'first', 'last',
                 'samples', 'held', 'frame', 'stack', 'call', 'cpu', 'busy_at', 'busy_to', 'busy_stacks', 'busy_events',
                 'waits_for', 'resource')

    def __init__(self, ident):
        self.ident = ident
        self.tid = thread_id()
        self.cpu_clock = cpu_clock_of(ident)
        self.asks = False  # it handed work over
        self.carries = 0  # exchanges that are asked and not read
        self.events = 0  # steps of exchanges, so that two equal waits are not taken for one
        self.event_at = 0
        self.seen = None
        self.first = self.last = self.samples = 0
        self.held = []  # waits that count only if this unit of work turns out to make a request
        self.frame = self.stack = self.call = None
        self.cpu = 0  # at the last look
        self.busy_at = self.busy_to = 0
        self.busy_stacks = []
        self.busy_events = 0
        self.waits_for = None  # the Resource that its code wants
        self.resource = None  # the same, when the wait was looked at


watched = {}  # native ident -> Watched


def thread_id():
    """The kernel's id of this thread."""
    if native_id is not None:
        return native_id()
    try:
        return int(os_readlink('/proc/thread-self').rpartition('/')[2])
    except Exception:
        return native_ident()


CLOCKS_OF_THREADS = hasattr(_time, 'pthread_getcpuclockid') and hasattr(_time, 'clock_gettime_ns')


def cpu_clock_of(ident):
    """A function that tells the CPU time of this thread in microseconds; before 3.7, of the process."""
    if CLOCKS_OF_THREADS:
        try:
            clock_id, read = _time.pthread_getcpuclockid(ident), _time.clock_gettime_ns
        except Exception:
            pass
        else:
            def clock_of_thread():
                try:
                    return read(clock_id) // 1000
                except OSError:
                    return 0  # the thread has ended
            return clock_of_thread
    read = getattr(_time, 'process_time', None) or _time.clock
    return lambda: int(read() * 1e6)


def watch_thread():
    ident = native_ident()
    thread = watched.get(ident)
    if thread is None:
        thread = watched[ident] = Watched(ident)
    return thread
