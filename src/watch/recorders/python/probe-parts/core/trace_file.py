# The file that this process writes its records to.

class TraceFile(object):
    """The file of this process."""

    def __init__(self, pattern):
        self.pattern = pattern
        self.pid = os_getpid()
        self.path = None
        self.fd = None
        self.inode = None
        self.waiting = deque()
        self.writing = new_lock()
        self.window = self.writes = 0  # since when, and how many lines were written
        self.committed = 0
        self.has_tail = False
        self.ended = False
        self.forked = False
        self.lost = {'dropped': 0, 'notUnderstood': 0, 'clamped': 0}
        self.troubles = set()

    def forget(self):
        """In a child of fork: its own file, begun with its first record."""
        self.pid, self.fd, self.path, self.ended, self.forked = os_getpid(), None, None, False, True
        self.waiting = deque()
        self.writing = new_lock()  # another thread may have held the old one
        self.lost = dict.fromkeys(self.lost, 0)

    def begin(self):
        self.path = self._choose()
        if self.path is None:
            self.ended = True
            return
        self._open(os.O_TRUNC)
        self.committed, self.has_tail = 0, False
        self._put(line_of('run', [
            ('version', 2), ('startedUs', clock.started_us), ('command', clean_argv(command_line())),
            ('recorders', [{'name': 'python', 'version': VERSION, 'sees': SEES}]), ('host', host())]))
        self._put(line_of('process', [
            ('pid', self.pid), ('parent', os.getppid()), ('group', process_group()),
            ('startedUs', now() if self.forked else 0), ('argv', clean_argv(command_line()))]))
        clock.pair()

    def write(self, line):
        """Writes a line at once, for a signal may end the process; where there are many, with those of the next tick."""
        if self.ended:
            return
        self.waiting.append(line)
        at = now()
        if at - self.window > TICK_US:
            self.window, self.writes = at, 0
        self.writes += 1
        if self.writes <= WRITES_A_TICK or not sampler.running or len(self.waiting) > 500:
            self.flush()

    def write_soon(self, line):
        """Writes a line with the next one, or at the next tick."""
        if not self.ended:
            self.waiting.append(line)
            if not sampler.running or len(self.waiting) > 500:
                self.flush()

    def flush(self):
        if not self.waiting or not self.writing.acquire(False):
            return
        lines = []
        try:
            while self.waiting:
                lines.append(self.waiting.popleft())
            if self.fd is None:
                self.begin()
            self._put(''.join(lines))
        except Exception:
            self.lost['dropped'] += len(lines)
        finally:
            self.writing.release()

    def write_tail(self, lines):
        """Lines that hold for now: the next ones take their place, unless the process ends before."""
        if self.fd is None or self.ended or not self.writing.acquire(False):
            return
        try:
            self._put(''.join(lines), for_now=True)
        finally:
            self.writing.release()

    def _put(self, text, for_now=False):
        try:
            status = os_fstat(self.fd)
            if (status.st_ino, status.st_dev) != self.inode:
                raise OSError('not ours any more')
        except OSError:  # the program closed all descriptors, as daemons do
            self._open(0)
        if self.has_tail:
            os_truncate(self.fd, self.committed)
        written = write_at(self.fd, text.encode('ascii', 'replace'), self.committed)
        self.has_tail = for_now
        if not for_now:
            self.committed += written

    def _open(self, how):
        self.fd = keep_away(os_open(self.path, os.O_WRONLY | os.O_CREAT | how, 0o600))
        status = os_fstat(self.fd)
        self.inode = (status.st_ino, status.st_dev)

    def _choose(self):
        """The file named, unless a process that lives, or another one of this command, has written it."""
        if '%p' in self.pattern:
            return self.pattern.replace('%p', str(self.pid))
        if not self.forked:
            try:
                os_close(os_open(self.pattern, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                return self.pattern
            except OSError:
                if not os.path.exists(self.pattern):
                    return None
            if not self._in_use():
                return self.pattern
        stem, extension = os.path.splitext(self.pattern)
        return '%s.%d%s' % (stem, self.pid, extension)

    def _in_use(self):
        try:
            with open(self.pattern, 'rb') as old:
                old.readline()
                process = old.readline().decode('ascii', 'replace')
            pid, group = number_after(process, '"pid":'), number_after(process, '"group":')
            return pid is None or group == process_group() or alive(pid)
        except Exception:
            return True

    def trouble(self, where, error):
        """A recorder's own fault: said once a place, and counted."""
        self.lost['notUnderstood'] += 1
        place = (where, type(error).__name__)
        if place not in self.troubles and len(self.troubles) < 50:
            self.troubles.add(place)
            text = '%s: %s' % place
            if DEBUG:
                import traceback
                text += ' ' + traceback.format_exc()
            self.write(line_of('note', [('atUs', now()), ('text', text)]))
