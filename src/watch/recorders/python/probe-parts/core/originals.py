# The functions of Python that the probe uses, taken before anybody can replace them.
"""abreast's recorder for Python: what became of every HTTP request of this process, written as a trace.

    PYTHONPATH=FOLDER_OF_THIS_FILE ABREAST_TRACE=trace.jsonl python report.py

Standard library only; CPython 2.7 and 3.6 to 3.14. Python loads it at start because of its name; a sitecustomize of
your own is loaded after it. It watches imports and wraps the few functions of HTTP libraries, thread pools and
event loops through which every request goes. It never raises, and imports nothing that monkey patching cares for.

`ABREAST_TRACE` names the file of the first process; `%p` in it becomes the process id. Every other process writes
beside it: `trace.jsonl` -> `trace.PID.jsonl`. A file that an earlier run left is replaced.
`ABREAST_KEEP_URLS=1` keeps credentials in URLs.

This file is joined from the parts in src/watch/recorders/python/probe-parts, by scripts/python-probe.ts: change those.
"""
# All of these are built in, or loaded by every Python.

import errno
import sys
import gc
import itertools
from _collections import deque
import os
import time as _time

try:
    import _thread
except ImportError:
    import thread as _thread
try:
    from _weakref import ref as _ref
except ImportError:
    from weakref import ref as _ref

VERSION = '1'
PY2 = sys.version_info[0] == 2
character = unichr if PY2 else chr  # noqa: F821
OWN_FILE = (lambda: 0).__code__.co_filename
native_ident = _thread.get_ident
start_native_thread = _thread.start_new_thread
new_lock = _thread.allocate_lock
native_id = getattr(_thread, 'get_native_id', None)
sleep = _time.sleep
wall_clock = _time.time
os_write, os_open, os_close, os_read, os_fstat = os.write, os.open, os.close, os.read, os.fstat
os_seek, os_truncate = os.lseek, os.ftruncate
os_getpid, os_exit, os_readlink = os.getpid, os._exit, getattr(os, 'readlink', None)
current_frames = getattr(sys, '_current_frames', None)
get_frame = sys._getframe
LINUX = sys.platform.startswith('linux')


def now_in(container):
    """What is in a container that changes meanwhile: to copy it may collect garbage, whose end takes from it."""
    for _ in range(10):
        try:
            return list(container)
        except RuntimeError:
            pass
    return []
