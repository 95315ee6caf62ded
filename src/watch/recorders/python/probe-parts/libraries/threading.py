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
        unit.thread = watch_thread().tid
        return key

    def ends(key, *_):
        if key is not None:
            active.pop(key, None)
    wrap(module.Thread, 'start', starts)
    wrap(module.Thread, '_bootstrap_inner', begins, ends)
    wrap(module.Thread, '_Thread__bootstrap_inner', begins, ends)


@when_imported('threading')
def hook_threading_semaphore(module):
    if isinstance(getattr(module, 'Semaphore', None), type):
        remember_size(module.Semaphore, 'permits', 'threading.Semaphore', 'value', 1)
