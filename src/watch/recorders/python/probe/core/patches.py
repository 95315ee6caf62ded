def gevent_hub():
    hub = sys.modules.get('gevent._hub_local') or sys.modules.get('gevent.hub')
    if hub is None:
        return None
    get = getattr(hub, 'get_hub_if_exists', None)
    if get is not None:
        return get()
    return getattr(getattr(hub, '_threadlocal', None), 'hub', None)


def patch_of(target, by, version, where):
    patch = {'target': target, 'by': by}
    if version:
        patch['version'] = version
    if where:
        patch['at'] = where
    return patch


def patches():
    found = []
    monkey = sys.modules.get('gevent.monkey')
    if monkey is not None and getattr(monkey, 'saved', None):
        found += patched_modules('gevent', importers.get('gevent.monkey'), lambda name: monkey.saved.get(name, {}))
        hub = gevent_hub()
        resolver = getattr(hub, '_resolver', None) if hub is not None else None
        if resolver is not None:
            patch = patch_of('socket.getaddrinfo', 'gevent', version_of('gevent'), None)
            patch['replacement'] = class_name(type(resolver))
            found.append(patch)
    patcher = sys.modules.get('eventlet.patcher')
    if patcher is not None:
        done = getattr(patcher, 'already_patched', {})
        names = set(PATCHABLE) if done.get('__all__') or not done else set(done)
        green = dict((name, PATCHABLE[name]) for name in PATCHABLE if name in names or (name == 'threading' and 'thread' in names))
        found += patched_modules('eventlet', importers.get('eventlet.patcher'), lambda name: green.get(name, ()) if done else ())
    return found


def patched_modules(by, where, saved_of):
    found = []
    for name in sorted(PATCHABLE):
        module = sys.modules.get(name)
        if module is None:
            continue
        saved = saved_of(name)
        left = [item for item in PATCHABLE[name] if hasattr(module, item) and item not in saved]
        patch = patch_of(name, by, version_of(by), where)
        if not saved:
            patch['replacement'] = None
        if left:
            patch['left'] = ['%s.%s' % (name, item) for item in left]
        stale = holders(name, saved) if isinstance(saved, dict) else []
        if stale:
            patch['heldBy'] = stale
        found.append(patch)
    return found


def holders(name, saved):
    """'module.name' that still hold what was replaced in a standard module: they took it before the patch."""
    interesting = dict((id(value), item) for item, value in saved.items() if item in PATCHABLE.get(name, ()))
    found = []
    for module_name, module in list(sys.modules.items()):
        where = vars(module).get('__file__') if hasattr(module, '__dict__') else None
        if not where or module_name.startswith(('gevent', 'eventlet', 'abreast')) or where.startswith(OWN_FILE):
            continue
        if is_library(where) and 'site-packages' not in where and 'dist-packages' not in where:
            continue
        for attribute, value in list(vars(module).items()):
            if id(value) in interesting:
                found.append('%s.%s' % (module_name, attribute))
    return sorted(found)[:20]
