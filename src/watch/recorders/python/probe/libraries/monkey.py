def original_of(module, item):
    """What gevent replaced, or None."""
    monkey = sys.modules.get('gevent.monkey')
    return getattr(monkey, 'saved', {}).get(module, {}).get(item) if monkey else None


importers = {}  # module -> 'file:line' of the first import


@when_imported('gevent.monkey', 'eventlet.patcher')
def hook_monkey(module):
    frame = outside()
    while frame is not None and ('importlib' in frame.f_code.co_filename or frame.f_code.co_filename == OWN_FILE):
        frame = frame.f_back
    if frame is not None:
        importers[module.__name__] = place_of(frame)
