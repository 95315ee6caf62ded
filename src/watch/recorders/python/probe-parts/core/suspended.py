# Where tasks and greenlets wait that do not run.

def suspended_stack(subject, unit):
    """The stack of a task or greenlet that does not run, if it still waits to send."""
    try:
        if unit.kind == 'task':
            coroutine = coroutine_of(subject)
            if getattr(coroutine, 'cr_running', None) or getattr(coroutine, 'gi_running', None):
                return None
            if not has_begun(coroutine):
                return None  # it waits for its loop, and for nothing in its first line
            frames = coroutine_frames(coroutine)
        elif unit.kind == 'greenlet' and greenlet_frames_are_safe:
            frames = list(_frames_from(subject.gr_frame))
        else:
            return None
        frames = [frame for frame in frames if frame.f_code.co_filename != OWN_FILE]
        if not frames or (unit.waiting is not None and unit.waiting.sent is not None and not unit.waiting.done):
            return None
        return stack_of_frames(frames, unit.stack)
    except Exception:
        return None


greenlet_frames_are_safe = False


def coroutine_of(task):
    if hasattr(task, 'get_coro'):
        return task.get_coro()
    return task.coro if hasattr(task, 'coro') else task._coro


def has_begun(coroutine):
    suspended = getattr(coroutine, 'cr_suspended', None)  # since Python 3.11
    frame = getattr(coroutine, 'cr_frame', None)
    return frame is None or (frame.f_lasti != -1 if suspended is None else suspended)


def coroutine_frames(coroutine):
    frames = []
    while coroutine is not None and len(frames) < MAX_FRAMES:
        for frame, inner in (('cr_frame', 'cr_await'), ('gi_frame', 'gi_yieldfrom'), ('ag_frame', 'ag_await')):
            if hasattr(coroutine, frame):
                if getattr(coroutine, frame) is not None:
                    frames.append(getattr(coroutine, frame))
                coroutine = getattr(coroutine, inner)
                break
        else:  # the wrapper that __await__ makes, or the step of an async generator: it knows what it drives
            inner = [one for one in gc.get_referents(coroutine) if hasattr(one, 'cr_frame') or hasattr(one, 'gi_frame')
                     or hasattr(one, 'ag_frame')]
            coroutine = inner[0] if inner else None
    return frames[::-1]


def is_over(subject):
    if hasattr(subject, 'done'):
        return subject.done()
    return getattr(subject, 'dead', False) or getattr(subject, 'outcome', None) is not None
