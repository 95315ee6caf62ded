# gevent and eventlet -----------------------------------------------------------------------------------------------

@when_imported('greenlet')
def hook_greenlet(module):
    global greenlet_of_thread, greenlet_frames_are_safe
    version = tuple(int(part) for part in module.__version__.split('.')[:2] if part.isdigit())
    greenlet_of_thread = module.getcurrent
    greenlet_frames_are_safe = sys.version_info < (3, 11) or version >= (3, 1)


def carry_greenlet(owner, name):
    """spawn() returns the greenlet before it runs."""
    def spawns(*_, **__):
        return hand_over('greenlet') if exchanges_expected else None

    def spawned(unit, greenlet, error):
        if unit is not None and greenlet is not None and error is None:
            known = unit_of(greenlet)  # of the spawn inside this one
            unit.started = now() if known is None else known.wanted  # it may have waited for room in the pool
            unit.thread = watch_thread().tid
            register(greenlet, unit)
    wrap(owner, name, spawns, spawned)


def replace_function(module, name):
    """As carry_greenlet, for a name that is a bound method of a compiled class."""
    original = getattr(module, name, None)
    if original is None:
        return

    def spawn(*args, **kwargs):
        unit = hand_over('greenlet') if exchanges_expected else None
        greenlet = original(*args, **kwargs)
        if unit is not None:
            try:
                register(greenlet, unit)
            except Exception as error:
                trace.trouble(name, error)
        return greenlet
    _install(module, name, original, spawn)


@when_imported('gevent')
def hook_gevent(module):
    for name in ('spawn', 'spawn_later', 'spawn_raw'):
        replace_function(module, name)


@when_imported('gevent.pool')
def hook_gevent_pool(module):
    carry_greenlet(module.Group, 'spawn')
    for kind in (getattr(module, 'GroupMappingMixin', None), module.Pool):
        if kind is not None and 'spawn' in vars(kind):
            carry_greenlet(kind, 'spawn')
    for kind in (getattr(module, 'GroupMappingMixin', None), module.Group, module.Pool):
        for name in ('map', 'map_async', 'imap', 'imap_unordered', 'starmap'):
            if kind is not None:
                carry_function(kind, name, 'greenlet')
    remember_size(module.Pool, 'workers', 'gevent.pool.Pool size', 'size', None)
