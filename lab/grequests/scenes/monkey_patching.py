# -*- coding: utf-8 -*-
"""Which class each name is while one library after the other puts its own in: patching, injection, extraction.

    python scenes/monkey_patching.py

Sends nothing. A star marks what the step has changed.
"""
from __future__ import print_function

import sys
import warnings

# The names a step may change. What is not imported yet has none.
NAMES = ['socket.socket', 'ssl.SSLContext', 'ssl.SSLSocket', 'select.poll', 'select.select', 'OpenSSL.SSL.Connection',
         'urllib3.util.ssl_.SSLContext', 'urllib3.util.IS_PYOPENSSL']


def main():
    warnings.simplefilter('ignore')
    try:
        import gevent.monkey
    except ImportError as error:
        sys.exit('%s (%s)' % (error, sys.executable))
    import select, socket, ssl  # noqa: E401, F401
    show = Show(gevent.monkey.is_module_patched)
    show.step('before', 'the standard library by itself')

    gevent.monkey.patch_all(thread=False, select=False)
    show.step('gevent.monkey.patch_all(thread=False, select=False)', 'as grequests does when it is imported')

    if not has('urllib3.util.ssl_'):
        return
    show.step('import urllib3', 'it takes the names as it finds them')

    if not has('urllib3.contrib.pyopenssl'):
        print('\npyOpenSSL is not installed: nothing is injected.')
        return
    pyopenssl = sys.modules['urllib3.contrib.pyopenssl']
    pyopenssl.inject_into_urllib3()
    show.step('urllib3.contrib.pyopenssl.inject_into_urllib3()', 'as requests did when it was imported, until 2.24')

    if has('gevent_openssl'):
        sys.modules['gevent_openssl'].monkey_patch()
        show.step('gevent_openssl.monkey_patch()', 'stages 3 and 4')

    pyopenssl.extract_from_urllib3()
    show.step('urllib3.contrib.pyopenssl.extract_from_urllib3()', 'the injection taken back')

    gevent.monkey.patch_select()
    show.step('gevent.monkey.patch_select()', 'stage 5')


def has(module):
    try:
        __import__(module)
        return True
    except ImportError:
        return False


class Show(object):
    """Prints what the names stand for now, beside what they stood for at the step before."""

    def __init__(self, is_patched):
        self.is_patched = is_patched
        self.shown = None

    def step(self, what, why=''):
        now = [(name, value) for name, value in ((name, value_of(name)) for name in NAMES) if value is not None]
        now += [("is_module_patched('%s')" % name, str(bool(self.is_patched(name)))) for name in ('socket', 'ssl', 'select')]
        print(('' if self.shown is None else '\n') + what)
        if why:
            print('    %s:' % why)
        for name, value in now:
            changed = self.shown is not None and self.shown.get(name) != value
            print(' %s %-29s  %s' % ('*' if changed else ' ', name, value))
        self.shown = dict(now)


def value_of(name):
    module, _, attribute = name.rpartition('.')
    value = getattr(sys.modules.get(module), attribute, None)
    if value is None or isinstance(value, bool):
        return None if value is None else str(value)
    return '%s.%s' % (value.__module__ or 'builtins', value.__name__)


if __name__ == '__main__':
    main()
