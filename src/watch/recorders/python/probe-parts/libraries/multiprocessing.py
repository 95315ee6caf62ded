# Pools of multiprocessing, their size and their items.
# supports: multiprocessing.pool Python 2.7, 3.6-3.14

@when_imported('multiprocessing.pool')
def hook_multiprocessing_pool(module):
    if not hasattr(module, 'ThreadPool'):
        return

    def made(pool, processes=None, *_, **__):
        new_resource(pool, 'executor', class_name(type(pool)), None)
        return pool, users_line(outside())

    def sized(state, *_):
        if state:
            name = 'ThreadPool' if isinstance(state[0], module.ThreadPool) else 'Pool'
            remember_limit('workers', 'multiprocessing.pool.%s processes' % name, state[0]._processes, state[1])
            resource_of(state[0], 'executor').capacity = state[0]._processes
    for name in ('apply_async', '_map_async', 'map_async', 'map', 'starmap', 'imap', 'imap_unordered', 'apply'):
        carry_function(module.Pool, name, 'executor-item', lambda pool: isinstance(pool, module.ThreadPool))
    wrap(module.Pool, '__init__', made, sized)


@when_imported('multiprocessing.pool')
def hook_worker_processes(module):
    def handed_over(result, *_, **__):
        return result

    def is_handed_over(result, *_):
        if exchanges_expected and isinstance(getattr(result, '_job', None), WHOLE):
            tell_workers('multiprocessing.pool', result._job)

    def works(queue, results, *_, **__):
        if hasattr(queue, '_reader'):  # that of a worker which is a thread is no pipe
            takes_items(queue, results, 'multiprocessing.pool', lambda task: None if task is None else task[0])
    for name in ('ApplyResult', 'IMapIterator'):
        wrap(getattr(module, name), '__init__', handed_over, is_handed_over)
    wrap(module, 'worker', works)
