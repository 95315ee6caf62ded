# Which functions of the standard library were replaced, by which module, and which modules still hold the old ones.

PATCHABLE = {'socket': ('socket', 'create_connection', 'getaddrinfo'), 'ssl': ('SSLContext', 'SSLSocket', 'wrap_socket'),
             'select': ('select', 'poll', 'epoll'), 'time': ('sleep',), 'threading': ('Lock', 'local'),
             'thread': ('start_new_thread', 'allocate_lock'), '_thread': ('start_new_thread', 'allocate_lock'),
             'os': ('fork',), 'subprocess': ('Popen',), 'queue': ('Queue', 'SimpleQueue'),
             'selectors': ('DefaultSelector',)}


importers = {}  # module -> 'file:line' of the first import


def remember_importer(module):
    """Which line imports a module that patches others."""
    frame = outside()
    while frame is not None and ('importlib' in frame.f_code.co_filename or frame.f_code.co_filename == OWN_FILE):
        frame = frame.f_back
    if frame is not None:
        importers[module.__name__] = place_of(frame)


def patch_of(target, by, version, where):
    patch = {'target': target, 'by': by}
    if version:
        patch['version'] = version
    if where:
        patch['at'] = where
    return patch


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
    interesting = {id(value): item for item, value in saved.items() if item in PATCHABLE.get(name, ())}
    found = []
    for module_name, module in now_in(sys.modules.items()):
        where = vars(module).get('__file__') if hasattr(module, '__dict__') else None
        if not where or module_name.startswith(('gevent', 'eventlet', 'abreast')) or where.startswith(OWN_FILE):
            continue
        if is_library(where) and 'site-packages' not in where and 'dist-packages' not in where:
            continue
        for attribute, value in now_in(vars(module).items()):
            if id(value) in interesting:
                found.append('%s.%s' % (module_name, attribute))
    return sorted(found)[:20]
