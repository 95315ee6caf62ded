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
