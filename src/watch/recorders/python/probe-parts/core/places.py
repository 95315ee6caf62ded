# Where code is: its class, its file, and whether it is the program's own or a library's.

def class_of_self(frame):
    """The class of the object whose method runs in the frame. f_locals is left alone: it would keep locals alive."""
    code = frame.f_code
    if code.co_argcount == 0 or code.co_varnames[:1] not in (('self',), ('cls',)):
        return None
    qualified = getattr(code, 'co_qualname', None)
    if qualified is not None:  # since 3.11, where a running frame hides its locals
        owner = qualified.rpartition('.')[0]
        return None if '<' in owner or not owner else '%s.%s' % (frame.f_globals.get('__name__', ''), owner)
    try:
        for candidate in gc.get_referents(frame):
            kind = type(candidate)
            for base in kind.__mro__:
                method = base.__dict__.get(code.co_name)
                while method is not None:
                    method = getattr(method, '__func__', None) or getattr(method, 'fget', None) or method
                    if getattr(method, '__code__', None) is code:
                        return class_name(kind)
                    method = getattr(method, '__wrapped__', None)
    except Exception:
        pass
    return None


def class_name(kind):
    module = getattr(kind, '__module__', None) or ''
    name = getattr(kind, '__qualname__', None) or kind.__name__
    return '%s.%s' % (module, name) if module else name


STANDARD_LIBRARY = os.path.dirname(os.__file__.replace('/lib64/', '/lib/')) + os.sep
if PY2 and os.path.islink(STANDARD_LIBRARY + 'os.py'):  # a virtualenv links single modules
    STANDARD_LIBRARY = os.path.dirname(os.path.realpath(STANDARD_LIBRARY + 'os.py')) + os.sep
LIBRARY_PREFIXES = (STANDARD_LIBRARY, getattr(sys, 'base_prefix', sys.prefix) + '/lib', os.path.dirname(os.__file__))


def is_library(filename):
    return ('site-packages' in filename or 'dist-packages' in filename or filename.startswith('<')
            or filename == OWN_FILE or filename.startswith(LIBRARY_PREFIXES))


try:
    START_FOLDER = os.getcwd()
except OSError:  # it is gone
    START_FOLDER = ''


def file_of(code):
    """The file of some code; Python 2.7 names the program's own as it was typed."""
    name = code.co_filename
    return name if name[:1] in '/<' or name[1:2] == ':' else os.path.join(START_FOLDER, name)


def users_line(frame):
    """'file:line' of the innermost frame that is the program's own; of an installed tool, or of a package that does it
    when it is merely imported, of the innermost package."""
    first = installed = None
    while frame is not None:
        filename = frame.f_code.co_filename
        if filename != OWN_FILE:
            first = first or frame
            if not is_library(filename):
                return place_of(installed if installed and is_launcher(frame) else frame)
            if 'site-packages' in filename or 'dist-packages' in filename:
                installed = installed or frame
                if frame.f_code.co_name == '<module>':
                    return place_of(installed)
        frame = frame.f_back
    return place_of(first) if first else None


def is_launcher(frame):
    """The script that an installer wrote to start a package: it has no ending, and lies where commands do."""
    folder, name = os.path.split(frame.f_code.co_filename)
    return frame.f_back is None and '.' not in name and os.path.basename(folder) in ('bin', 'sbin', 'Scripts')


def place_of(frame):
    return '%s:%d' % (file_of(frame.f_code), frame.f_lineno)
