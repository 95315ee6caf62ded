# Threads, and the sizes of semaphores.
# supports: threading Python 2.7, 3.6-3.14

@when_imported('threading')
def hook_threading(module):
    def starts(thread, *_):
        if not exchanges_expected:
            return
        thread._abreast = hand_over('thread')

    def begins(thread, *_):
        before = watched.get(native_ident())
        if before is not None and before.tid != thread_id():
            del watched[before.ident]  # a thread that has ended had the same ident
        unit = thread.__dict__.pop('_abreast', None)
        if unit is None:
            return None
        key = here()
        active[key] = unit
        unit.started, unit.thread = now(), watch_thread().tid
        return key, unit

    def ends(state, *_):
        if state is not None:
            key, unit = state
            active.pop(key, None)
            if unit.item is not None:
                unit.item.ends()
            unit.ends()
    wrap(module.Thread, 'start', starts)
    wrap(module.Thread, 'join', None, learns)
    wrap(module.Thread, '_bootstrap_inner', begins, ends)
    wrap(module.Thread, '_Thread__bootstrap_inner', begins, ends)


@when_imported('threading')
def hook_threading_semaphore(module):
    if isinstance(getattr(module, 'Semaphore', None), type):
        remember_size(module.Semaphore, 'permits', 'threading.Semaphore', 'value', 1)
        watch_permits(module.Semaphore, 'semaphore', wrap)


@when_imported('threading')
def hook_threading_conditions(module):
    for name in ('Condition', 'Event', 'Barrier'):
        kind = getattr(module, name, None)
        if isinstance(kind, type):
            wrap(kind, 'wait', lambda subject, *_, **__: wants(subject, 'other'), leaves_alone)


def leaves_alone(state, *_):
    """A wait for what another unit does: nothing was wanted meanwhile."""
    if state is not None:
        _, waiter, before, _ = state
        waiter.waits_for = before
