# When work was handed to worker processes. A process shares these times with its workers in a file beside the trace, so
# that it works for each start method of multiprocessing: fork, spawn and forkserver.

SHARED_SLOTS, SLOT_BYTES = 4096, 24
shared_times = {}  # (pid of the process that hands over, name) -> memory


def shared_path(pid, name):
    return os.path.join(os.path.dirname(trace.pattern), '.abreast-%d-%s' % (pid, name))


def share_times(pid, name, how=0):
    """The memory of a process for this kind of pool. @param how: os.O_CREAT in that process"""
    found = shared_times.get((pid, name))
    if found is None:
        import mmap
        fd = os_open(shared_path(pid, name), os.O_RDWR | how, 0o600)
        try:
            if how:
                os.ftruncate(fd, SHARED_SLOTS * SLOT_BYTES)
            found = shared_times[pid, name] = mmap.mmap(fd, SHARED_SLOTS * SLOT_BYTES)
        finally:
            os_close(fd)
    return found


def tell_workers(name, number):
    """The item of work of this number is handed over now."""
    shared = share_times(os_getpid(), name, os.O_CREAT | os.O_TRUNC)
    at = number % SHARED_SLOTS * SLOT_BYTES
    shared[at:at + SLOT_BYTES] = ('%07x%017x' % (number & 0xfffffff, clock.started_us + now())).encode('ascii')


def told_to_workers(owner, name, number):
    """When the item of this number was handed over by the process `owner`, or None."""
    try:
        shared = share_times(owner, name)
    except EnvironmentError:  # it has not handed over anything that is told
        return None
    at = number % SHARED_SLOTS * SLOT_BYTES
    text = shared[at:at + SLOT_BYTES].strip(b'\0')
    if len(text) != SLOT_BYTES or int(text[:7], 16) != number & 0xfffffff:
        return None
    return max(0, int(text[7:], 16) - clock.started_us)  # each process has a time of its own


def forget_shared():
    """At the end of a process that handed over."""
    for pid, name in list(shared_times):
        if pid == os_getpid():
            os.unlink(shared_path(pid, name))


def owner_of_workers():
    """The process whose worker this one is: under a server of forks it is not its parent."""
    process = sys.modules.get('multiprocessing.process')
    current = process and process.current_process()
    return getattr(current, '_parent_pid', None) or os.getppid()


def takes_items(queue, results, name, number_of):
    """In a worker process: each item that it gets from `queue` is a unit of work, until its result is put to `results`."""
    get, put, last, owner = queue.get, results.put, [], owner_of_workers()

    def end_last():
        try:
            while last:
                last.pop().ends()
        except Exception as error:
            trace.trouble('item of ' + name, error)

    def got(*args, **kwargs):
        end_last()
        item = get(*args, **kwargs)
        try:
            number = number_of(item)
            wanted = None if number is None else told_to_workers(owner, name, number)
            if wanted is not None:
                last.append(Unit('executor-item', wanted, None, None, wanted))
                active.pop(here(), None)
                begins_item(last[0])
        except Exception as error:
            trace.trouble('item of ' + name, error)
        return item

    def put_result(*args, **kwargs):
        end_last()
        trace.flush()  # now: a program that has all results may kill its workers at once
        return put(*args, **kwargs)
    queue.get, results.put = got, put_result
