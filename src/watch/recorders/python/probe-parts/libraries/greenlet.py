# Which greenlet runs now; the spawning of greenlets is wrapped here for gevent and eventlet.
# supports: greenlet 0.4-3.x

@when_imported('greenlet')
def hook_greenlet(module):
    global greenlet_of_thread, greenlet_frames_are_safe
    version = tuple(int(part) for part in module.__version__.split('.')[:2] if part.isdigit())
    greenlet_of_thread = module.getcurrent
    greenlet_frames_are_safe = sys.version_info < (3, 11) or version >= (3, 1)


def carry_greenlet(owner, name):
    """spawn() returns the greenlet before it runs."""
    def spawns(pool=None, *_, **__):
        if not exchanges_expected:
            return None
        known = pool is not None and hasattr(pool, '__dict__') and known_resource(pool)
        return hand_over('greenlet'), wants(pool, 'executor') if known else None

    def spawned(state, greenlet, error):
        if state is None:
            return
        unit, waiting = state
        if waiting is not None:
            is_got(waiting, greenlet, error)
        if greenlet is not None and error is None:
            unit.queued_in = waiting and waiting[0]
            known = unit_of(greenlet)  # of the spawn inside this one
            unit.started = now() if known is None else known.made  # it may have waited for room in the pool
            unit.thread = watch_thread().tid
            register(greenlet, unit)
    wrap(owner, name, spawns, spawned)


def replace_function(module, name):
    """As carry_greenlet, for a name that is a bound method of a compiled class."""
    original = getattr(module, name, None)
    if original is None:
        return

    def spawn(*args, **kwargs):
        unit = None
        try:
            unit = hand_over('greenlet') if exchanges_expected else None
        except Exception as error:
            trace.trouble(name, error)
        greenlet = original(*args, **kwargs)
        try:
            if unit is not None:
                register(greenlet, unit)
        except Exception as error:
            trace.trouble(name, error)
        return greenlet
    _install(module, name, original, spawn)
