# Of gevent and eventlet: what their patches leave alone, when they patch, and how many threads look up names.

@fixes('patch-select', 'gevent.monkey')
def patch_select_as_well(module):
    original = module.patch_all

    def patch_all(*args, **kwargs):
        names = original.__code__.co_varnames[:original.__code__.co_argcount]
        kwargs.update(zip(names, args))
        kwargs['select'] = True
        fixed('patch-select')
        return original(**kwargs)
    _install(module, 'patch_all', original, patch_all)


@fixes('name-threads', 'gevent.hub')
def more_name_threads(module, count):
    module.Hub.threadpool_size = int(count)
    fixed('name-threads', count)


def patch_first():
    """Before the program imports anything that could take what is replaced."""
    for (by,) in fixes_named('patch-first'):
        try:
            if by == 'gevent':
                from gevent import monkey
                monkey.patch_all()
            else:
                import eventlet
                eventlet.monkey_patch()
            fixed('patch-first', by)
        except Exception as error:
            trace.trouble('patch-first', error)
