# The start, forks, and the end of the process.

def at_end(exit_code=None):
    """The end of the process: what is still open, the environment as it is now, and `end`."""
    if trace.ended or trace.pid != os_getpid():
        return
    try:
        sampler.stop()
        if trace.fd is None and not trace.forked:
            trace.begin()
        if trace.fd is None:
            return  # a child of fork that made no request
        sampler.close_all()
        for unit in now_in(open_units.values()):
            trace.write(unit.line())
        open_units.clear()
        for exchange in now_in(pending.values()):
            if exchange.answered is not None:
                end_unread(exchange)
            else:
                trace.write(exchange_line(exchange))
        pending.clear()
        environment.write()
        clock.pair()
        fields = [('endedUs', now())]
        if exit_code is not None:
            fields.append(('exitCode', exit_code))
        cpu_us = int(sum(os.times()[:2]) * 1e6)
        waited_us = count_run_queue()
        spent = [('cpuUs', cpu_us)] + ([] if waited_us is None else [('runQueueUs', waited_us)])
        trace.write(line_of('process', [('pid', trace.pid)] + spent + fields))
        lost = {name: count for name, count in trace.lost.items() if count}
        fields += [('lost', lost), ('clocks', clock.pairs)]
        trace.write(line_of('end', fields))
        trace.flush()
        forget_shared()
    except Exception as error:
        trace.trouble('end', error)
    trace.ended = True


def in_child():
    """After fork: no thread but this one, no exchange of the parent."""
    global sampler, sources
    is_blind = sources.is_blind or bool(sources.requested)  # of what the parent was answered
    sampler, sources = Sampler(), Sources()
    sources.is_blind = is_blind
    trace.forget()
    environment.written, waited_before[0] = False, 0
    del clock.pairs[:]
    for table in (pending, open_exchange, open_call, watched, connection_of_descriptor, connecting_here, active, latest,
                  wires, unbound, main_held_back, open_units, waited_for_cpu,
                  stack_ids, stack_frames):
        table.clear()


def leaves(code=0, *_):
    at_end(code if isinstance(code, WHOLE) else None)


def wrap_fork():
    if hasattr(os, 'register_at_fork'):
        os.register_at_fork(before=before_fork, after_in_parent=restart, after_in_child=in_child)
    elif hasattr(os, 'fork'):
        def forked(_, pid, error):
            if error is None:
                in_child() if pid == 0 else restart()
        wrap(os, 'fork', before_fork, forked)
    wrap(os, '_exit', leaves)


def before_fork():
    sampler.stop()
    trace.flush()


def restart():
    if pending:
        start_sampler()


def install():
    global trace
    trace = TraceFile(os.environ['ABREAST_TRACE'])
    trace.begin()
    if trace.ended:
        return
    if not PY2:
        exec(compile(ASYNC, OWN_FILE, 'exec'), globals())
    sys.modules['_abreast_recorder'] = sys.modules[__name__]
    waited_before[0] = count_run_queue() or 0
    import atexit
    atexit.register(at_end)
    wrap_fork()
    sys.meta_path.insert(0, Finder())
    for name in list(hooks):
        if name in sys.modules:
            run_hooks(name, sys.modules[name])


def chain():
    """Loads the sitecustomize that would have been loaded without this one."""
    folder = os.path.dirname(os.path.abspath(OWN_FILE))
    kept = list(sys.path)
    ours = sys.modules.get('sitecustomize')
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or '.') != folder]
    if ours is not None:
        del sys.modules['sitecustomize']
    try:
        __import__('sitecustomize')
    except ImportError as error:
        missing = getattr(error, 'name', None) or str(error).rpartition(' ')[2].strip("'")
        if missing != 'sitecustomize':
            raise
    finally:
        if 'sitecustomize' not in sys.modules and ours is not None:
            sys.modules['sitecustomize'] = ours
        if sys.path == [entry for entry in kept if os.path.abspath(entry or '.') != folder]:
            sys.path[:] = kept


if __name__ == 'sitecustomize':
    if os.environ.get('ABREAST_TRACE'):
        try:
            install()
        except Exception as _error:
            if DEBUG:
                raise
    chain()
    if FIXES and trace is not None:
        patch_first()
