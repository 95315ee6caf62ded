# Greenlets and pools, what gevent's patch replaced, and how many threads look up names.
# supports: gevent 1.2-26.x

@when_imported('gevent')
def hook_gevent(module):
    for name in ('spawn', 'spawn_later', 'spawn_raw'):
        replace_function(module, name)
    wrap(module, 'joinall', None, learns)


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
    wrap(module.Group, 'join', None, learns)


@when_imported('gevent.lock', 'gevent._semaphore')
def hook_gevent_locks(module):
    if isinstance(getattr(module, 'BoundedSemaphore', None), type):
        try:
            remember_size(module.BoundedSemaphore, 'permits', 'gevent BoundedSemaphore', 'value', 1)
        except TypeError:
            pass  # compiled


@when_imported('gevent._socketcommon')
def hook_gevent_socket(module):
    wrap_lookup(module)


def original_of(module, item):
    """What gevent replaced, or None."""
    monkey = sys.modules.get('gevent.monkey')
    return getattr(monkey, 'saved', {}).get(module, {}).get(item) if monkey else None


@when_imported('gevent.monkey')
def hook_gevent_monkey(module):
    remember_importer(module)


@tells('patches')
def gevent_patches():
    monkey = sys.modules.get('gevent.monkey')
    if monkey is None or not getattr(monkey, 'saved', None):
        return []
    found = patched_modules('gevent', importers.get('gevent.monkey'), lambda name: monkey.saved.get(name, {}))
    hub = gevent_hub()
    resolver = getattr(hub, '_resolver', None) if hub is not None else None
    if resolver is not None:
        patch = patch_of('socket.getaddrinfo', 'gevent', version_of('gevent'), None)
        patch['replacement'] = class_name(type(resolver))
        found.append(patch)
    return found


@tells('limits')
def gevent_limits():
    hub = gevent_hub()
    if hub is None:
        return []
    pool = getattr(hub, '_threadpool', None)
    size = getattr(pool, 'maxsize', None) or getattr(hub, 'threadpool_size', None)
    return [{'kind': 'name-threads', 'size': size, 'of': 'gevent resolver threads'}] if size else []


def gevent_hub():
    hub = sys.modules.get('gevent._hub_local') or sys.modules.get('gevent.hub')
    if hub is None:
        return None
    get = getattr(hub, 'get_hub_if_exists', None)
    if get is not None:
        return get()
    return getattr(getattr(hub, '_threadlocal', None), 'hub', None)


@when_imported('gevent.queue')
def hook_gevent_queues(module):
    """Where its queues are compiled, classes that inherit from them, and from each other as they do, take their place."""
    taken = {}
    for name in ('SimpleQueue', 'Queue', 'JoinableQueue', 'PriorityQueue', 'LifoQueue'):
        original = getattr(module, name, None)
        if not isinstance(original, type):
            continue
        try:
            original._abreast_queue = True
            wrap_queue(original)
        except TypeError:  # compiled
            if original not in taken:
                taken[original] = queue_like(original, [taken[kind] for kind in original.__mro__ if kind in taken][:1])
            setattr(module, name, taken[original])


def queue_like(original, bases):
    methods = {'put': original.put, 'get': original.get, '__module__': original.__module__, '__doc__': original.__doc__}
    kind = type(original)(original.__name__, (original,) + tuple(bases), methods)
    wrap_queue(kind)
    return kind
