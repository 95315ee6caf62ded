# Tasks, and what they wait for before they ask.
# supports: trio 0.22-0.35

@when_imported('trio._core._run')
def hook_trio(module):
    global task_of_trio
    context = module.GLOBAL_RUN_CONTEXT
    task_of_trio = lambda: getattr(context, 'task', None)  # noqa: E731

    def spawns(*_, **__):
        return hand_over('task') if exchanges_expected else None

    def spawned(unit, task, error):
        if unit is not None and error is None:
            register(task, unit)

    def exited(runner, task, *_, **__):
        unit = unit_of(task)
        if unit is not None:
            unit.ends()
    wrap(module.Runner, 'spawn_impl', spawns, spawned)
    wrap(module.Runner, 'task_exited', exited)


@when_imported('trio._sync')
def hook_trio_permits(module):
    remember_size(module.CapacityLimiter, 'permits', 'trio.CapacityLimiter', 'total_tokens', None)
    remember_size(module.Semaphore, 'permits', 'trio.Semaphore', 'initial_value', None)
    for name, kind in (('CapacityLimiter', 'semaphore'), ('Semaphore', 'semaphore'), ('Lock', 'lock')):
        owner = getattr(module, name)
        base = owner if 'acquire' in vars(owner) else owner.__mro__[1]
        watch_permits(base, kind, wrap_async)
