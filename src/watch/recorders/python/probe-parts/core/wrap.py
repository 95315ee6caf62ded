# Functions of libraries are replaced by ones that call them, with something of ours before and after.

hooks = {}  # name of a module -> functions to call with it when it is loaded


def when_imported(*names):
    def decorate(function):
        for name in names:
            hooks.setdefault(name, []).append(function)
        return function
    return decorate


def run_hooks(name, module):
    for hook in hooks.get(name, ()):
        try:
            hook(module)
        except Exception as error:
            trace.trouble('import of ' + name, error)


def wrap(owner, name, before=None, after=None):
    """Calls before(*args) ahead of owner.name, and after(what before returned, result, error) behind it."""
    original = vars(owner).get(name)
    if original is None or getattr(original, '_abreast', False):
        return
    kind = type(original)
    if kind in (classmethod, staticmethod):
        original = original.__func__

    def wrapper_before(*args, **kwargs):
        try:
            before(*args, **kwargs)
        except Exception as error:
            trace.trouble('before ' + name, error)
        try:
            return original(*args, **kwargs)
        except BaseException as error:
            leave_no_frame(error)
            raise

    def wrapper(*args, **kwargs):
        state = None
        if before is not None:
            try:
                state = before(*args, **kwargs)
            except Exception as error:
                trace.trouble('before ' + name, error)
        try:
            result = original(*args, **kwargs)
        except BaseException as error:
            _guarded(after, name, state, None, error)
            leave_no_frame(error)
            raise
        try:
            after(state, result, None)
        except Exception as error:
            trace.trouble('after ' + name, error)
        return result
    _install(owner, name, original, wrapper if after else wrapper_before, kind)


def wrap_either(owner, name, before, after):
    """wrap() or wrap_async(): what is a function in one version of a library is a coroutine function in another."""
    code = getattr(vars(owner).get(name), '__code__', None)
    is_coroutine = code is not None and code.co_flags & 0x80  # inspect.CO_COROUTINE
    (wrap_async if is_coroutine else wrap)(owner, name, before, after)


def leave_no_frame(error):
    """Takes the frame that caught an error out of its traceback. Before 3.11, `raise` would put it back."""
    if sys.version_info >= (3, 11):
        entry = error.__traceback__
        if entry is not None and entry.tb_next is not None:
            error.__traceback__ = entry.tb_next


def _guarded(after, name, state, result, error):
    try:
        after(state, result, error)
    except Exception as trouble:
        trace.trouble('after ' + name, trouble)


def _install(owner, name, original, wrapper, kind=None):
    for attribute in ('__module__', '__name__', '__qualname__', '__doc__'):
        if hasattr(original, attribute):
            try:
                setattr(wrapper, attribute, getattr(original, attribute))
            except Exception:
                pass
    wrapper.__wrapped__ = original
    wrapper._abreast = True
    setattr(owner, name, kind(wrapper) if kind in (classmethod, staticmethod) else wrapper)
