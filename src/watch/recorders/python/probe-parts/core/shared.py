# When work was handed to worker processes: in memory that processes share which come from one by fork.

SHARED_SLOTS, SLOT_BYTES = 4096, 16
shared_times = {}  # name -> memory


def share_times(name):
    """Before any worker is forked."""
    try:
        import mmap
        shared_times[name] = mmap.mmap(-1, SHARED_SLOTS * SLOT_BYTES)
    except Exception as error:
        trace.trouble('shared memory', error)


def tell_workers(name, number):
    """The item of work of this number is handed over now."""
    memory_shared = shared_times.get(name)
    if memory_shared is not None:
        at = number % SHARED_SLOTS * SLOT_BYTES
        memory_shared[at:at + SLOT_BYTES] = ('%07x%09x' % (number & 0xfffffff, now())).encode('ascii')[:SLOT_BYTES]


def told_to_workers(name, number):
    """When the item of this number was handed over, or None."""
    memory_shared = shared_times.get(name)
    if memory_shared is None:
        return None
    at = number % SHARED_SLOTS * SLOT_BYTES
    text = memory_shared[at:at + SLOT_BYTES].strip(b'\0')
    if len(text) != SLOT_BYTES or int(text[:7], 16) != number & 0xfffffff:
        return None
    return int(text[7:], 16)


def takes_items(queue, name, number_of):
    """In a worker process: each item that it gets from this queue is a unit of work."""
    get, last = queue.get, []

    def got(*args, **kwargs):
        try:
            while last:
                last.pop().ends()
        except Exception as error:
            trace.trouble('item of ' + name, error)
        item = get(*args, **kwargs)
        try:
            number = number_of(item)
            wanted = None if number is None else told_to_workers(name, number)
            if wanted is not None:
                last.append(Unit('executor-item', wanted, None, None, wanted))
                active.pop(here(), None)
                begins_item(last[0])
        except Exception as error:
            trace.trouble('item of ' + name, error)
        return item
    queue.get = got
