# Greenlets and pools, and what eventlet's patch replaced.
# supports: eventlet 0.21-0.40

@when_imported('eventlet.greenthread')
def hook_eventlet(module):
    for name in ('spawn', 'spawn_n', 'spawn_after'):
        carry_greenlet(module, name)


@when_imported('eventlet.greenpool')
def hook_eventlet_pool(module):
    remember_size(module.GreenPool, 'workers', 'eventlet GreenPool size', 'size', 1000)
    carry_greenlet(module.GreenPool, 'spawn')
    for name in ('imap', 'starmap'):
        carry_function(module.GreenPool, name, 'greenlet')


@when_imported('eventlet.queue')
def hook_eventlet_queues(module):
    wrap_queue(module.LightQueue)


@when_imported('eventlet.semaphore')
def hook_eventlet_permits(module):
    remember_size(module.Semaphore, 'permits', 'eventlet.semaphore.Semaphore', 'value', 1)
    watch_permits(module.Semaphore, 'semaphore', wrap)


@when_imported('eventlet.patcher')
def hook_eventlet_patcher(module):
    remember_importer(module)


@tells('patches')
def eventlet_patches():
    patcher = sys.modules.get('eventlet.patcher')
    if patcher is None:
        return []
    done = getattr(patcher, 'already_patched', {})
    names = set(PATCHABLE) if done.get('__all__') or not done else set(done)
    if 'thread' in names:
        names.add('threading')
    return patched_modules('eventlet', importers.get('eventlet.patcher'),
                           lambda name: PATCHABLE[name] if done and name in names else ())
