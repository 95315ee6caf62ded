# A native thread that looks at the threads which carry requests, and at the coroutines and greenlets that wait.

TICK_S, TICK_US, SLOWEST_TICK_S, SHARE, TICK_BUDGET_S = 0.01, 10000, 0.1, 0.03, 0.0005
WRITES_A_TICK = 60
COUNT_RUN_QUEUE = 20  # ticks
SHORTEST_BLOCK_US, FOLLOWED_UNITS, LASTING = 15000, 64, 500
BUSY_SHARE = 0.2  # of a CPU: a thread that computes gets little of one that many threads want
LOOKUPS = ('getaddrinfo', 'gethostbyname', 'gethostbyname_ex', 'gethostbyaddr')


class Sampler(object):
    def __init__(self):
        self.running = False
        self.stopping = False
        self.tid = None
        self.idle = False  # no request is under way: what the program does then is a part of its time, too
        self.alarm = new_lock()
        self.began = None
        self.previous = 0
        self.tick_number = 0
        self.give_up_at = 0
        self.paired_at = self.tail_at = 0
        self.tail_cost = TICK_US  # so long passes before what lasts is written again, which a record has replaced
        self.followed = {}
        self.ready = set()

    def loop(self):
        try:
            self.tid = thread_id()
            self.alarm.acquire(False)
            while not self.stopping:
                began = cpu_time()
                try:
                    self.tick()
                except RuntimeError as error:  # a thread, task or greenlet changed what was looked at
                    trace.trouble('sampler', error)
                self.rest(min(SLOWEST_TICK_S, max(TICK_S, (cpu_time() - began) / SHARE)))
        except Exception as error:
            trace.trouble('sampler', error)
        finally:
            self.running = False

    def rest(self, seconds):
        if PY2:
            sleep(min(seconds, 2 * TICK_S))  # its locks know no time-out
        else:
            self.alarm.acquire(True, seconds)

    def tick(self):
        at = now()
        trace.flush()
        self.idle = not pending and not self.followed
        if watched or self.followed:
            frames = current_frames()
            self.give_up_at = cpu_time() + TICK_BUDGET_S
            threads = now_in(watched.items())
            turn = self.tick_number % len(threads) if threads else 0
            for ident, thread in threads[turn:] + threads[:turn]:
                frame = frames.get(ident)
                if frame is None:
                    watched.pop(ident, None)
                    self.close_wait(thread)
                elif thread.carries or thread.asks or ident in active or self.idle:
                    self.look_at(thread, frame, at)
            del frames
            if self.tick_number % 4 == 0:
                self.follow(at)
        self.previous = at
        self.tick_number += 1
        if pending and at - self.tail_at > (500000 if trace.has_tail else self.tail_cost):
            trace.write_tail(self.what_lasts())
            self.tail_at = now()
            self.tail_cost = (self.tail_at - at) / SHARE
        if not environment.written and at - self.began > 1000000:
            environment.write()
        if self.tick_number % COUNT_RUN_QUEUE == 0:
            count_run_queue()
        if at - self.paired_at > 10000000:
            self.paired_at = at
            clock.pair()
            if environment.stale:
                environment.write()

    def look_at(self, thread, frame, at):
        cpu = thread.cpu_clock()
        computes = (cpu - thread.cpu > (at - self.previous) * BUSY_SHARE
                    and (CLOCKS_OF_THREADS or thread.carries > 1))
        thread.cpu = cpu
        seen = (id(frame), frame.f_lasti, thread.events)
        if seen == thread.seen and not computes:
            thread.samples += 1
            thread.last = at
            if thread.busy_stacks:
                self.close_busy(thread)
            if thread.call is None and cpu_time() < self.give_up_at:
                self.name_wait(thread, frame)
            if thread.carries > 1 and thread.call is not None and thread.call[0] != 'epoll_wait':
                self.look_for_unread(thread, at)
            return
        self.close_wait(thread)
        if thread.carries or self.idle:
            self.look_at_busy(thread, frame, at, computes)
        thread.seen = seen
        thread.first = max(self.previous, thread.event_at)
        thread.last = at
        thread.samples = 1
        thread.call = None

    def name_wait(self, thread, frame):
        """Asks the kernel what the thread waits for."""
        thread.call = kernel_wait(thread.tid)
        thread.resource = thread.waits_for
        thread.stack = stack_of(frame)
        thread.frame = frame.f_code.co_name

    def close_wait(self, thread):
        """The wait that was seen is over. A single sample is no wait."""
        if thread.call is None or thread.last - thread.first < SHORTEST_BLOCK_US:
            return
        what, descriptors, connections = thread.call
        if thread.frame in LOOKUPS:
            what = 'getaddrinfo'
        wait = (thread.first, thread.last, what, thread.stack, connections, descriptors, thread.samples, thread.resource)
        thread.call = None
        if thread.carries or thread.event_at > wait[0] or (thread.asks and (pending or ended_last() >= wait[0])):
            self.write_wait(thread, wait)
        elif self.idle:
            if what in ('sleep', 'wait4'):
                self.write_wait(thread, wait)
        elif len(thread.held) < 20:
            thread.held.append(wait)

    def write_wait(self, thread, wait):
        first, last, what, stack, connections, descriptors, samples, resource = wait
        unit = active.get(thread.ident)
        write_block(thread.tid, first, last, what, stack, connections, descriptors, samples,
                    unit.tell() if unit is not None and unit.used else None, resource=resource)

    def look_at_busy(self, thread, frame, at, computes):
        """A thread that computes is in another place at each look: what it does is what its stacks have in common."""
        stack = stack_of(frame)
        if (computes and thread.busy_stacks and thread.busy_events == thread.events
                and is_same_work(thread.busy_stacks[0], stack)):
            thread.busy_stacks.append(stack)
            thread.busy_to = at
            self.look_for_unread(thread, at)
            return
        self.close_busy(thread)
        thread.busy_at = thread.busy_to = max(self.previous, thread.event_at)
        thread.busy_events = thread.events
        thread.busy_stacks = [stack]

    def close_busy(self, thread):
        stacks, thread.busy_stacks = thread.busy_stacks, []
        if len(stacks) >= 2 and thread.busy_to - thread.busy_at >= SHORTEST_BLOCK_US:
            write_block(thread.tid, thread.busy_at, thread.busy_to, 'cpu', common_stack(stacks), samples=len(stacks))

    def look_for_unread(self, thread, at):
        """While a thread waits or computes: which of its answers are in the kernel already?"""
        sent = [one for one in now_in(pending.values())
                if one.carrier is thread and one.sent is not None and one.answered is None and one.route is not None
                and one.id not in self.ready]
        if sent:
            for exchange in readable(sent[:100]):
                self.ready.add(exchange.id)
                trace.write('{"kind":"ready","connection":%d,"atUs":%d,"what":"readable"}\n' % (exchange.connection, at))

    def follow(self, at):
        """Where do coroutines and greenlets wait before their request is sent?"""
        if len(self.followed) < FOLLOWED_UNITS:
            for address, subject, unit in now_in(lately_registered):
                if address not in self.followed and len(self.followed) < FOLLOWED_UNITS and subject() is not None:
                    self.followed[address] = [subject, unit, None, 0, 0, 0, [], None]
        for address, state in now_in(self.followed.items()):
            subject, unit = state[0](), active.get(address, state[1])  # a greenlet of a pool works on an item
            if unit is not state[1]:
                self.close_following(state)
                state[1:3] = [unit, None]
            stack = suspended_stack(subject, unit) if subject is not None else None
            if stack != state[2] or stack is None:
                self.close_following(state)
                state[2:6] = [stack, max(self.previous, unit.wanted), at, 1]
                state[7] = unit.waits_for
            else:
                state[4] = at
                state[5] += 1
            if subject is None or is_over(subject):
                self.followed.pop(address, None)

    def close_following(self, state, at_end=False):
        """Its wait is over. It counts when the unit of work has made a request, or is cut short by the end."""
        subject, unit, stack, first, last, samples, held, resource = state
        if stack is not None and samples > 1 and last - first >= SHORTEST_BLOCK_US:
            held.append((first, last, stack, samples, resource))
        if unit.used or at_end and subject() is not None and not is_over(subject()):
            for first, last, stack, samples, resource in held:
                write_block(None, first, last, 'await', stack, samples=samples, unit=unit.tell(), resource=resource)
            del held[:]

    def what_lasts(self):
        """Exchanges that are not read and waits that go on, as lines: all that is known, should the process end now."""
        lines = [exchange_line(one) for one in now_in(pending.values())[:LASTING]]
        for thread in now_in(watched.values()):
            if thread.call is not None and thread.carries:
                what, descriptors, connections = thread.call
                what = 'getaddrinfo' if thread.frame in LOOKUPS else what
                lines.append(block_line(thread.tid, thread.first, thread.last, what, thread.stack, connections, descriptors,
                                        thread.samples, resource=thread.resource))
        units = {unit.number: unit.line() for unit in now_in(open_units.values())[:LASTING]}
        for _, unit, stack, first, last, samples, _, resource in now_in(self.followed.values()):
            if stack is not None and samples > 1:
                units.update((one.number, one.know_maker().line()) for one in unit.untold())
                lines.append(block_line(None, first, last, 'await', stack, samples=samples, unit=unit.number,
                                        resource=resource))
        return list(units.values()) + lines

    def close_all(self):
        for thread in now_in(watched.values()):
            if thread.seen is not None:
                self.close_wait(thread)
                self.close_busy(thread)
        for state in self.followed.values():
            self.close_following(state, at_end=True)
        self.followed.clear()

    def stop(self):
        """Ends the thread, and waits until the kernel too knows: Python 3.12 warns of forks with threads."""
        if not self.running:
            return
        self.stopping = True
        if self.alarm.locked():
            self.alarm.release()
        patience = 500
        while patience and (self.running or (LINUX and os.path.exists('/proc/self/task/%s' % self.tid))):
            sleep(0.001)
            patience -= 1
        self.stopping = False


sampler = Sampler()


# CPU seconds of this thread, or (before 3.7) wall time, so that looking takes but a small share of the time.
cpu_time = getattr(_time, 'thread_time', None) or (lambda: now() / 1e6)


def start_sampler():
    if not sampler.running and current_frames is not None and not trace.ended:
        sampler.running = True
        if sampler.began is None:
            sampler.began = sampler.previous = now()
        try:
            start_native_thread(sampler.loop, ())
        except Exception as error:
            sampler.running = False
            trace.trouble('sampler', error)


def release_held(thread, since):
    """The unit of work of this thread makes a request after all: what it waited for before belongs to it."""
    held, thread.held = thread.held, []
    for wait in held:
        if wait[1] >= since:
            sampler.write_wait(thread, wait)
