# Items of executors, and how many workers an executor has.
# supports: concurrent.futures Python 3.6-3.14

@when_imported('concurrent.futures.thread')
def hook_executor(module):
    def submitted(item, *_, **__):
        if exchanges_expected:
            unit = item._abreast_unit = hand_over('executor-item')
            pool = submitting.get(native_ident())
            if pool is not None:
                unit.queued_in = resource_of(pool, 'executor', pool._max_workers)

    def begins(item, *_, **__):
        unit = item.__dict__.pop('_abreast_unit', None)
        return begin_item(unit) if unit is not None else None

    def made(pool, *_, **__):
        frame = outside()
        by_loop = frame.f_code.co_filename.replace('\\', '/').endswith('asyncio/base_events.py')
        new_resource(pool, 'executor', class_name(type(pool)), None)
        return pool, by_loop, users_line(frame)

    def sized(state, *_):
        pool, by_loop, line = state
        name = 'asyncio default executor max_workers' if by_loop else 'ThreadPoolExecutor max_workers'
        remember_limit('workers', name, pool._max_workers, line)
        resource_of(pool, 'executor').capacity = pool._max_workers

    def submits(pool, *_, **__):
        ident = native_ident()
        before, submitting[ident] = submitting.get(ident), pool
        return ident, before

    def is_submitted(state, *_):
        ident, before = state
        if before is None:
            submitting.pop(ident, None)
        else:
            submitting[ident] = before
    loop_codes.add(id(module._WorkItem.run.__code__))
    wrap(module._WorkItem, '__init__', submitted)
    wrap(module._WorkItem, 'run', begins, lambda state, *_: end_item(state))
    wrap(module.ThreadPoolExecutor, '__init__', made, sized)
    wrap(module.ThreadPoolExecutor, 'submit', submits, is_submitted)


submitting = {}  # thread ident -> the executor that takes an item now


@when_imported('concurrent.futures._base')
def hook_futures(module):
    wrap(module.Future, 'result', None, learns)
    wrap(module, 'wait', None, learns)


@when_imported('concurrent.futures.process')
@when_imported('loky.process_executor')
@when_imported('joblib.externals.loky.process_executor')
def hook_process_executor(module):
    name = ('loky ' if 'loky' in module.__name__ else '') + 'ProcessPoolExecutor max_workers'

    def made(pool, *_, **__):
        return pool, users_line(outside())
    wrap(module.ProcessPoolExecutor, '__init__', made,
         lambda state, *_: remember_limit('workers', name, state[0]._max_workers, state[1]))


@when_imported('concurrent.futures.process')
@when_imported('loky.process_executor')
@when_imported('joblib.externals.loky.process_executor')
def hook_process_workers(module):
    def submits(pool, *_, **__):
        if exchanges_expected and isinstance(getattr(pool, '_queue_count', None), WHOLE):
            tell_workers(module.__name__, pool._queue_count)

    def works(queue, results, *_, **__):
        takes_items(queue, results, module.__name__, lambda item: getattr(item, 'work_id', None))
    wrap(module.ProcessPoolExecutor, 'submit', submits)
    wrap(module, '_process_worker', works)
