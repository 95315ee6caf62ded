# wrap() for coroutine functions.

def wrap_async(owner, name, before=None, after=None):
    original = vars(owner).get(name)
    if original is None or getattr(original, '_abreast', False):
        return

    async def wrapper(*args, **kwargs):
        state = None
        if before is not None:
            try:
                state = before(*args, **kwargs)
            except Exception as error:
                trace.trouble('before ' + name, error)
        try:
            result = await original(*args, **kwargs)
        except BaseException as error:
            if after is not None:
                _guarded(after, name, state, None, error)
            leave_no_frame(error)
            raise
        if after is not None:
            _guarded(after, name, state, result, None)
        return result
    _install(owner, name, original, wrapper)
