# core/originals.py -------------------------------------------------------------------------------------------------
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


# core/clock.py -----------------------------------------------------------------------------------------------------
# The time of all records.

class Clock(object):
    """Microseconds since the trace began. Python 2.7 has no monotonic clock, so there it only never goes back."""

    def __init__(self):
        self.started_us = int(wall_clock() * 1e6)
        self.pairs = []
        self.latest = 0
        if hasattr(_time, 'monotonic_ns'):
            zero, read = _time.monotonic_ns(), _time.monotonic_ns
            self.now = lambda: (read() - zero) // 1000
        elif hasattr(_time, 'monotonic'):
            zero, read = _time.monotonic(), _time.monotonic
            self.now = lambda: int((read() - zero) * 1e6)
        else:
            self.now = self._now_by_wall_clock

    def _now_by_wall_clock(self):
        now = int(wall_clock() * 1e6) - self.started_us
        if now > self.latest:
            self.latest = now
        return self.latest

    def pair(self):
        """Remembers (trace time, Unix time), so that traces of two recorders can be laid side by side."""
        self.pairs.append((self.now(), int(wall_clock() * 1e6)))


clock = Clock()
now = clock.now


# core/secret_rules.py ----------------------------------------------------------------------------------------------
# Which names and which tokens are credentials. Made of src/trace/secrets/rules.ts by scripts/secret-rules.ts.

SECRET_ANYWHERE = (
    'authorization', 'secret', 'passw', 'passphrase', 'passcode', 'jwt', 'bearer', 'cookie', 'csrf', 'xsrf',
)
SECRET_AT_THE_END = (
    'token', 'tokenhint', 'signature', 'hmac', 'credential', 'credentials', 'assertion', 'nonce', 'pwd',
    'userpw', 'sessionid', 'sessid', 'authhash', 'authticket', 'codeverifier', 'oauthverifier', 'authcode',
    'accesscode', 'devicecode', 'securitycode', 'verificationcode', 'apikey', 'accesskey', 'privatekey',
    'signingkey', 'sessionkey', 'encryptionkey', 'accountkey', 'authkey', 'masterkey', 'sharedkey',
    'subscriptionkey', 'functionkey', 'functionskey', 'consumerkey', 'clientkey', 'appkey', 'applicationkey',
    'adminkey', 'serverkey', 'servicekey', 'writekey', 'streamkey', 'licensekey', 'developerkey', 'deploykey',
    'passkey', 'apikeyid', 'accesskeyid', 'privatekeyid', 'keypairid',
)
SECRET_WHOLE = (
    'pass', 'userpass', 'dbpass', 'pw', 'psk', 'sig', 'sid', 'otp', 'totp', 'session', 'auth', 'xauth',
    'httpauth', 'proxyauth', 'basicauth', 'bearerauth', 'oauth', 'authentication',
)
SECRET_WHOLE_IN_URLS = (
    'key', 'code', 'ticket', 'googleaccessid', 'pgtid', 'pgtiou', 'samlresponse', 'samlart', 'relaystate',
    'wresult',
)
SECRET_TOKENS = (
    ('ghp_', 'word', 16), ('gho_', 'word', 16), ('ghu_', 'word', 16), ('ghs_', 'word', 16),
    ('ghr_', 'word', 16), ('github_pat_', 'word', 16), ('glpat-', 'word-', 16), ('xoxa-', 'word-', 8),
    ('xoxb-', 'word-', 8), ('xoxe-', 'word-', 8), ('xoxo-', 'word-', 8), ('xoxp-', 'word-', 8),
    ('xoxr-', 'word-', 8), ('xoxs-', 'word-', 8), ('sk_live_', 'word', 8), ('sk_test_', 'word', 8),
    ('rk_live_', 'word', 8), ('rk_test_', 'word', 8), ('sk-', 'word-', 16), ('AKIA', 'capital', 12),
    ('ASIA', 'capital', 12), ('AIza', 'word-', 30), ('ya29.', 'word.-', 16), ('npm_', 'word', 30),
    ('pypi-', 'word-', 16), ('hf_', 'word', 20), ('dop_v1_', 'word', 16),
)


# core/secret_names.py ----------------------------------------------------------------------------------------------
# Names whose values are credentials.
#
# As src/trace/secrets, in Python; test/trace/secrets/examples.ts holds both to the same answers. `re` is not used: to
# import it here could wait for the import lock of a program that imports what makes its requests.

HIDDEN = '***'
LOWER, UPPER, DIGITS = 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789'
HEX_DIGITS = DIGITS + 'abcdefABCDEF'
WORD = LOWER + UPPER + DIGITS + '_'


known_names = {}  # a run has few different names


def is_secret_parameter(name):
    secret = known_names.get(name)
    if secret is None:
        word = word_of(decoded(name))
        secret = is_secret_word(word) or word in SECRET_WHOLE_IN_URLS
        if len(known_names) < 1000:
            known_names[name] = secret
    return secret


def is_secret_name(name):
    return is_secret_word(word_of(name))


def is_secret_variable(name):
    return is_secret_name(name) or name.lower().endswith('_key')


def is_secret_word(word):
    word = word.rstrip(DIGITS)  # 'token2', 'token[0]'
    return (word.endswith(SECRET_AT_THE_END) or word in SECRET_WHOLE
            or any(part in word for part in SECRET_ANYWHERE))


def word_of(name):
    return ''.join([letter for letter in name.lower() if letter in LOWER or letter in DIGITS])


# core/secret_values.py ---------------------------------------------------------------------------------------------
# Values that are credentials by their shape, whatever they are called.

TOKEN_LETTERS = {'word': WORD, 'word-': WORD + '-', 'word.-': WORD + '.-', 'capital': UPPER + DIGITS}
KNOWN_TOKENS = [(begin, TOKEN_LETTERS[letters], least) for begin, letters, least in SECRET_TOKENS]
KNOWN_TOKENS.append(('eyJ', WORD + '.-', 14))  # a JWT


def looks_secret(value):
    """Whether a value looks like a credential by itself: long, and of the mix that chance makes. UUIDs are ids."""
    if len(value) < 16:
        return False
    if hide_known(value) != value:
        return True
    if len(value) >= 32 and consists_of(value, HEX_DIGITS):
        return has_any(value, DIGITS) and not consists_of(value, DIGITS)
    return (len(value) >= 24 and consists_of(value.rstrip('='), WORD + '+/.~-')
            and has_any(value, LOWER) and has_any(value, UPPER)
            and sum(letter in DIGITS for letter in value) >= 2
            and not is_uuid(value))


def is_uuid(value):
    parts = value.split('-')
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and consists_of(''.join(parts), HEX_DIGITS)


def hide_known(text):
    for begin, letters, least in KNOWN_TOKENS:
        at = text.find(begin)
        while at >= 0:
            end = at + len(begin)
            while end < len(text) and text[end] in letters:
                end += 1
            token = text[at:end]
            if (len(token) - len(begin) >= least and not (at and text[at - 1] in WORD[:-1])
                    and (begin != 'eyJ' or is_jwt(token))):
                text = text[:at] + HIDDEN + text[end:]
            at = text.find(begin, at + 1)
    return text


def is_jwt(token):
    parts = token.split('.')
    return len(parts) >= 3 and len(parts[0]) >= 9 and len(parts[1]) >= 6


def consists_of(text, letters):
    return text != '' and not text.strip(letters) and all(letter in letters for letter in text)


def has_any(text, letters):
    return any(letter in letters for letter in text)


# core/urls.py ------------------------------------------------------------------------------------------------------
# URLs and their parameters without credentials.

def decoded(text):
    """Each %XX as the character of that number."""
    if '%' not in text:
        return text
    parts = text.split('%')
    for at in range(1, len(parts)):
        code, rest = parts[at][:2], parts[at][2:]
        is_code = len(code) == 2 and consists_of(code, HEX_DIGITS)
        parts[at] = character(int(code, 16)) + rest if is_code else '%' + parts[at]
    return ''.join(parts)


clean_urls = {}  # the last ones


def clean_url(url):
    cleaned = clean_urls.get(url)
    if cleaned is None:
        if len(clean_urls) >= 500:
            clean_urls.clear()
        cleaned = clean_urls[url] = _clean_url(url)
    return cleaned


def _clean_url(url):
    if KEEP_URLS or not url:
        return url
    url = clean_login(text_of(url)) if '@' in url else text_of(url)
    query = next_of('?#', url, 0)
    path = hide_known(url[:query])
    if ';' in path:
        path = '/'.join([clean_parameters(segment) if ';' in segment else segment for segment in path.split('/')])
    return path + clean_parameters(url[query:])


def next_of(letters, text, start):
    """Where one of the letters is, from `start` on; the end of the text, if none is."""
    for at in range(start, len(text)):
        if text[at] in letters:
            return at
    return len(text)


def clean_login(url):
    return clean_logins_after_slashes(clean_bare_login(clean_odd_password(url)))


def clean_odd_password(url):
    """A password with a raw '/', '?' or '#' is not valid, but people type it: no port stands behind the colon."""
    slashes = next_of('/\\?#@', url, 0)
    if not is_slashes(url, slashes):
        return url
    start = slashes + 2
    end = next_of('/\\?#', url, start)
    user, colon, port = url[start:end].partition(':')
    if not colon or '@' in url[start:end] or '[' in user or not port.strip(DIGITS) or '@' not in url[end:]:
        return url
    return url[:start] + user + colon + HIDDEN + url[url.rindex('@'):]


def clean_bare_login(url):
    """A URL parser needs no slashes after the schemes it knows, and people leave out the scheme."""
    if url.lower().startswith('mailto:'):
        return url
    text = url.lstrip().lower()
    space = len(url) - len(text)
    for scheme in ('https:', 'http:', 'wss:', 'ws:', 'ftp:', ''):
        if not text.startswith(scheme):
            continue
        start = space + len(scheme)
        if scheme and url[start:start + 1] in ('/', '\\') and not is_slashes(url, start):
            start += 1
        login, at, _ = url[start:next_of('/\\?#', url, start)].rpartition('@')
        user, _, password = login.partition(':')
        if at and password and '@' not in user:
            return url[:start] + clean_user(login) + url[start + len(login):]
    return url


def clean_logins_after_slashes(url):
    at = 0
    while at < len(url):
        if is_slashes(url, at):
            end = next_of('/\\?#', url, at + 2)
            login, mark, host = url[at + 2:end].rpartition('@')
            if mark:
                url = url[:at + 2] + clean_user(login) + mark + host + url[end:]
        at += 1
    return url


def is_slashes(url, at):
    return len(url) > at + 1 and url[at] in '/\\' and url[at + 1] in '/\\'


def clean_user(login):
    """'user:password'; with an empty password the user is the credential."""
    user, colon, password = login.partition(':')
    if colon and (not password or password in ('x-oauth-basic', 'x-access-token')):
        return HIDDEN + colon + password
    return (HIDDEN if looks_secret(user) else user) + (colon and colon + HIDDEN)


def clean_parameters(text):
    cleaned, start = [], 0
    while start < len(text):
        end = next_of('?&;#', text, start)
        name, equals, value = text[start:end].partition('=')
        if value and (is_secret_parameter(name) or (len(value) > 5 and holds_secret(value))):
            value = HIDDEN
        cleaned.append(name + equals + value + text[end:end + 1])
        start = end + 1
    return ''.join(cleaned)


def has_secret_member(text):
    """JSON as '{"token":"x"}'."""
    parts = text.split('"')
    return any(parts[at + 1].lstrip(' ').startswith(':') and is_secret_name(parts[at])
               for at in range(len(parts) - 1))


def holds_secret(value):
    """By its shape, or because it is a URL, parameters or JSON of its own, however often it is encoded."""
    if looks_secret(value):
        return True
    if not any(sign in value for sign in ('%', '=', '"', '//')):
        return False
    for _ in range(5):
        if '//' in value and '@' in value and clean_login(value) != value:
            return True
        pairs = value.replace('&', '?').replace(';', '?').replace('#', '?').split('?')
        if any(is_secret_pair(pair) for pair in pairs) or has_secret_member(value):
            return True
        outer, value = value, decoded(value)
        if outer == value:
            return False
    return False


def is_secret_pair(pair):
    names = pair.split('=')
    value = names.pop()
    return (looks_secret(pair) or looks_secret(value)
            or (value not in ('', HIDDEN) and any(is_secret_parameter(name) for name in names)))


# core/texts.py -----------------------------------------------------------------------------------------------------
# Commands and other text without credentials.

SECRET_OPTIONS = ('-H', '-b', '--header', '--proxy-header', '--cookie')
LOGIN_OPTIONS = ('-u', '-U', '--user', '--proxy-user')


def clean_text(text):
    """A text without the credentials that can be told in it: URLs, NAME=value, 'name': 'value'."""
    text = text_of(text)
    if not any(sign in text for sign in ('://', '=', ':')):
        return HIDDEN if looks_secret(text) and text[0] not in './~' else text
    if not any(letter in text for letter in ' \t\n\'"'):
        if '://' in text:
            return clean_url(text)
        name, equals, value = text.partition('=' if '=' in text else ':')
        return name + equals + (HIDDEN if is_secret_variable(name) or looks_secret(value) else value)
    import re  # seldom: a command in one argument
    text = re.sub(r'''[a-zA-Z][a-zA-Z0-9+.-]*://[^\s'"<>]+''', lambda found: clean_url(found.group()), text)

    def hide(found):
        name, between, value = found.groups()
        return name + between + (HIDDEN if is_secret_variable(name) or looks_secret(value) else value)
    return re.sub(r'''([\w-]+)(["']?\s*[=:]\s*["']?)([^\s'"&/][^\s'"&]*)''', hide, text)


def clean_argv(argv):
    cleaned, before = [], ''
    for argument in argv:
        is_login = before in LOGIN_OPTIONS and (':' in argument or looks_secret(argument))  # python -u report.py
        is_named = before.startswith('--') and '=' not in before and is_secret_name(before)
        if is_login or is_named or before in SECRET_OPTIONS:
            cleaned.append(HIDDEN)
        else:
            cleaned.append(clean_text(argument))
        before = argument
    return cleaned


# core/json.py ------------------------------------------------------------------------------------------------------
# Records as lines of JSON.

try:
    from _json import encode_basestring_ascii as quote
except ImportError:
    def quote(text):
        escaped = ['"']
        for letter in text:
            code = ord(letter)
            if letter in '"\\':
                escaped.append('\\' + letter)
            elif 32 <= code < 127:
                escaped.append(letter)
            elif code < 0x10000:
                escaped.append('\\u%04x' % code)
            else:
                escaped.append('\\u%04x\\u%04x' % (0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff)))
        escaped.append('"')
        return ''.join(escaped)

if PY2:
    WHOLE, TEXT = (int, long), unicode  # noqa: F821
else:
    WHOLE, TEXT = int, str


def dumps(value):
    """The few shapes that records have; `json` would load a dozen modules into the program."""
    if value is None:
        return 'null'
    if value is True or value is False:
        return 'true' if value else 'false'
    if isinstance(value, WHOLE):
        return '%d' % value
    if isinstance(value, (str, TEXT)):
        return quote(text_of(value))
    if isinstance(value, dict):
        return '{' + ','.join('%s:%s' % (quote(key), dumps(value[key])) for key in value) + '}'
    if isinstance(value, (list, tuple)):
        return '[' + ','.join([dumps(one) for one in value]) + ']'
    if isinstance(value, float):
        return '%d' % value if value == int(value) else repr(value)
    return quote(text_of(str(value)))


def text_of(value):
    if isinstance(value, bytes):
        return value.decode('utf-8', 'replace')
    return value


def line_of(kind, pairs):
    """A record as a line; pairs keep their order, which a dict of 2.7 would not."""
    return '{"kind":"%s",%s}\n' % (kind, ','.join(['"%s":%s' % (name, dumps(value)) for name, value in pairs]))


# core/trace_file.py ------------------------------------------------------------------------------------------------
# The file that this process writes its records to.

class TraceFile(object):
    """The file of this process."""

    def __init__(self, pattern):
        self.pattern = pattern
        self.pid = os_getpid()
        self.path = None
        self.fd = None
        self.inode = None
        self.waiting = deque()
        self.writing = new_lock()
        self.window = self.writes = 0  # since when, and how many lines were written
        self.committed = 0
        self.has_tail = False
        self.ended = False
        self.forked = False
        self.lost = {'dropped': 0, 'notUnderstood': 0, 'clamped': 0}
        self.troubles = set()

    def forget(self):
        """In a child of fork: its own file, begun with its first record."""
        self.pid, self.fd, self.path, self.ended, self.forked = os_getpid(), None, None, False, True
        self.waiting = deque()
        self.writing = new_lock()  # another thread may have held the old one
        self.lost = dict.fromkeys(self.lost, 0)

    def begin(self):
        self.path = self._choose()
        if self.path is None:
            self.ended = True
            return
        self._open(os.O_TRUNC)
        self.committed, self.has_tail = 0, False
        self._put(line_of('run', [
            ('version', 2), ('startedUs', clock.started_us), ('command', clean_argv(command_line())),
            ('recorders', [{'name': 'python', 'version': VERSION, 'sees': SEES}]), ('host', host())]))
        self._put(line_of('process', [
            ('pid', self.pid), ('parent', os.getppid()), ('group', process_group()),
            ('startedUs', now() if self.forked else 0), ('argv', clean_argv(command_line()))]))
        clock.pair()

    def write(self, line):
        """Writes a line at once, for a signal may end the process; where there are many, with those of the next tick."""
        if self.ended:
            return
        self.waiting.append(line)
        at = now()
        if at - self.window > TICK_US:
            self.window, self.writes = at, 0
        self.writes += 1
        if self.writes <= WRITES_A_TICK or not sampler.running or len(self.waiting) > 500:
            self.flush()

    def write_soon(self, line):
        """Writes a line with the next one, or at the next tick."""
        if not self.ended:
            self.waiting.append(line)
            if not sampler.running or len(self.waiting) > 500:
                self.flush()

    def flush(self):
        if not self.waiting or not self.writing.acquire(False):
            return
        lines = []
        try:
            while self.waiting:
                lines.append(self.waiting.popleft())
            if self.fd is None:
                self.begin()
            self._put(''.join(lines))
        except Exception:
            self.lost['dropped'] += len(lines)
        finally:
            self.writing.release()

    def write_tail(self, lines):
        """Lines that hold for now: the next ones take their place, unless the process ends before."""
        if self.fd is None or self.ended or not self.writing.acquire(False):
            return
        try:
            self._put(''.join(lines), for_now=True)
        finally:
            self.writing.release()

    def _put(self, text, for_now=False):
        try:
            status = os_fstat(self.fd)
            if (status.st_ino, status.st_dev) != self.inode:
                raise OSError('not ours any more')
        except OSError:  # the program closed all descriptors, as daemons do
            self._open(0)
        if self.has_tail:
            os_truncate(self.fd, self.committed)
        written = write_at(self.fd, text.encode('ascii', 'replace'), self.committed)
        self.has_tail = for_now
        if not for_now:
            self.committed += written

    def _open(self, how):
        self.fd = keep_away(os_open(self.path, os.O_WRONLY | os.O_CREAT | how, 0o600))
        status = os_fstat(self.fd)
        self.inode = (status.st_ino, status.st_dev)

    def _choose(self):
        """The file named, unless a process that lives, or another one of this command, has written it."""
        if '%p' in self.pattern:
            return self.pattern.replace('%p', str(self.pid))
        if not self.forked:
            try:
                os_close(os_open(self.pattern, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
                return self.pattern
            except OSError:
                if not os.path.exists(self.pattern):
                    return None
            if not self._in_use():
                return self.pattern
        stem, extension = os.path.splitext(self.pattern)
        return '%s.%d%s' % (stem, self.pid, extension)

    def _in_use(self):
        try:
            with open(self.pattern, 'rb') as old:
                old.readline()
                process = old.readline().decode('ascii', 'replace')
            pid, group = number_after(process, '"pid":'), number_after(process, '"group":')
            return pid is None or group == process_group() or alive(pid)
        except Exception:
            return True

    def trouble(self, where, error):
        """A recorder's own fault: said once a place, and counted."""
        self.lost['notUnderstood'] += 1
        place = (where, type(error).__name__)
        if place not in self.troubles and len(self.troubles) < 50:
            self.troubles.add(place)
            text = '%s: %s' % place
            if DEBUG:
                import traceback
                text += ' ' + traceback.format_exc()
            self.write(line_of('note', [('atUs', now()), ('text', text)]))


# core/files.py -----------------------------------------------------------------------------------------------------
# Reading and writing at an offset, and a descriptor that the program does not meet.

def seek_and_write(fd, data, offset):
    os_seek(fd, offset, 0)
    return os_write(fd, data)


def seek_and_read(fd, size, offset):
    os_seek(fd, offset, 0)
    return os_read(fd, size)


# A recorder of system calls stops a program at each read() and write(), but not at these; 2.7 has neither.
write_at, read_at = getattr(os, 'pwrite', seek_and_write), getattr(os, 'pread', seek_and_read)


def keep_away(fd):
    """The descriptor moved high up and closed on exec, so that the program gets the numbers it is used to."""
    try:
        import fcntl
        high = fcntl.fcntl(fd, fcntl.F_DUPFD, 200)
        os_close(fd)
        fcntl.fcntl(high, fcntl.F_SETFD, fcntl.FD_CLOEXEC)
        return high
    except Exception:
        return fd


# core/process.py ---------------------------------------------------------------------------------------------------
# What the first records say of this process and its host, and what the environment variables ask for.

def number_after(text, name):
    at = text.find(name)
    if at < 0:
        return None
    digits = ''.join(itertools.takewhile(str.isdigit, str(text[at + len(name):])))
    return int(digits) if digits else None


def alive(pid):
    try:
        os.kill(pid, 0)
    except OSError as error:
        return error.errno != 3  # ESRCH
    return True


def process_group():
    return os.getpgrp() if hasattr(os, 'getpgrp') else None


def command_line():
    if hasattr(sys, 'orig_argv'):
        return list(sys.orig_argv)
    try:
        with open('/proc/self/cmdline', 'rb') as file:
            return [part.decode('utf-8', 'replace') for part in file.read().split(b'\0')[:-1]]
    except Exception:
        return [sys.executable or 'python'] + list(getattr(sys, 'argv', []))


def host():
    try:
        cpus = len(os.sched_getaffinity(0))
    except Exception:
        try:
            cpus = os.sysconf('SC_NPROCESSORS_ONLN')
        except Exception:
            cpus = 1
    kernel = os.uname()[2] if hasattr(os, 'uname') else ''
    return {'os': 'linux' if LINUX else sys.platform, 'kernel': kernel, 'cpus': cpus}


waited_for_cpu = {}  # the kernel's id of a thread -> microseconds that it was ready and waited for a CPU


def count_run_queue():
    """How long the threads of this process, those that have ended too, waited for a CPU until now."""
    if not os.path.exists('/proc/self/schedstat'):
        return None
    for tid in os.listdir('/proc/self/task')[:MOST_THREADS]:
        if tid == str(sampler.tid):
            continue  # it is none of the program
        try:
            waited_for_cpu[tid] = int(read_file('/proc/self/task/%s/schedstat' % tid).split()[1]) // 1000
        except Exception:  # it has ended
            pass
    return sum(waited_for_cpu.values()) - waited_before[0]


MOST_THREADS = 500
waited_before = [0]  # what was waited before the probe was loaded
SEES = ['exchange', 'connection', 'connectionClosed', 'stack', 'block', 'ready', 'environment', 'wantedUs', 'calledUs',
        'dispatchedUs', 'connectedUs', 'sentUs', 'answeredUs', 'readUs', 'status', 'unit', 'thread', 'resource', 'hold',
        'from', 'retryAfterSeconds', 'runQueueUs']
KEEP_URLS = bool(os.environ.get('ABREAST_KEEP_URLS'))
DEBUG = bool(os.environ.get('ABREAST_DEBUG'))
trace = None


# core/stacks.py ----------------------------------------------------------------------------------------------------
# Stacks: each one is written once, and other records name it by its number.

MAX_FRAMES, MAX_STACKS = 60, 5000
stack_ids, stack_frames, kept_codes = {}, {}, []
new_stack_id = itertools.count(1)


def stack_of(frame, above=None, roots=()):
    """The id of the stack that ends in `frame`, followed by the stack `above`, where this work was handed over.

    Frames of the code in `roots`, and those that called them, are left out.
    """
    key = [above]
    add = key.append
    at = frame
    for _ in range(MAX_FRAMES):
        code = id(at.f_code)
        if code in roots:
            break
        add(code)
        add(at.f_lasti)
        at = at.f_back
        if at is None:
            break
    key = tuple(key)
    return stack_ids.get(key) or _new_stack(key, _frames_from(frame, roots), above)


def outside():
    """The innermost frame that is not of this file."""
    frame = get_frame(1)
    while frame.f_code.co_filename == OWN_FILE and frame.f_back is not None:
        frame = frame.f_back
    return frame


def _frames_from(frame, roots=()):
    while frame is not None and id(frame.f_code) not in roots:
        yield frame
        frame = frame.f_back


def stack_of_frames(frames, above=None):
    """The same for frames that are not linked, as those of a suspended coroutine; leaf first."""
    key = [above]
    for frame in frames:
        key.append(id(frame.f_code))
        key.append(frame.f_lasti)
    return stack_ids.get(tuple(key)) or _new_stack(tuple(key), frames, above)


loop_codes = set()  # id(code) of what runs units of work: the frames below it are the same for all units


def _new_stack(key, frames, above):
    if len(stack_ids) >= MAX_STACKS:
        return None
    described = []
    for frame in frames:
        code = frame.f_code
        if code.co_filename != OWN_FILE and len(described) < MAX_FRAMES:
            kept_codes.append(code)  # their addresses are the key
            described.append(describe(frame))
    described += stack_frames.get(above, [])
    if not described:
        return None
    number = stack_ids[key] = next(new_stack_id)
    stack_frames[number] = described
    trace.write('{"kind":"stack","id":%d,"frames":%s}\n' % (number, dumps(described)))
    return number


def describe(frame):
    code = frame.f_code
    described = {'function': code.co_name, 'file': file_of(code), 'line': frame.f_lineno or code.co_firstlineno}
    owner = class_of_self(frame)
    if owner:
        described['self'] = owner
    return described


# core/places.py ----------------------------------------------------------------------------------------------------
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


# core/units.py -----------------------------------------------------------------------------------------------------
# Units of work: tasks, greenlets, executor items and threads, which the program hands over to run beside other work.

class Unit(object):
    parent = None  # a weak reference: units that make each other without end must not stay
    maker = None  # the number of the unit that made it, once both are told
    told = None  # the process whose trace has its record
    used = False  # whether its first exchange was made
    started = ended = thread = None
    waiting = None  # its latest exchange
    item = None  # the Unit that it took from a queue and works on
    queued_in = None  # the Resource that it waits for until it begins
    waits_for = None  # the Resource that its code wants
    lacked = None  # the Resource that its producer waited for, while it was wanted and not made
    held_back = None  # HeldBack: how long it waited before it could do, or hand over, its next work
    method = route = None  # of a request that the program takes

    def __init__(self, kind, wanted, stack, parent=None, made=None):
        global latest_unit
        self.number = latest_unit = next(new_unit_number)
        self.kind = kind
        self.wanted = wanted
        self.stack = stack
        self.made = now() if made is None else made
        if parent is not None:
            self.parent = parent

    def made_by(self):
        return None if self.parent is None else self.parent()

    def know_maker(self):
        maker = self.made_by()
        if maker is not None:
            self.maker = maker.number
        return self

    def line(self):
        """Its record. Others name it by its number."""
        fields = [('id', self.number), ('pid', trace.pid), ('type', self.kind)]
        if self.maker is not None:
            fields.append(('parent', self.maker))
        fields.append(('madeUs', self.made))
        if self.started is not None or self.kind in UNITS_THAT_END:
            fields.append(('begunUs', self.started))
        if self.ended is not None or self.kind in UNITS_THAT_END:
            fields.append(('endedUs', self.ended))
        if self.stack is not None:
            fields.append(('madeAt', self.stack))
        if self.kind == 'served-request':
            fields += [('method', self.method), ('route', self.route)]
        return line_of('unit', fields)

    def untold(self):
        """This unit and those that it came from, as far as the trace has no record of them, the first one first."""
        found, unit = [], self
        while unit is not None and unit.told != trace.pid:
            found.append(unit)
            unit = unit.made_by()
        return found[::-1]

    def tell(self):
        """Its record is written when it has ended, or the process has."""
        for unit in self.untold():
            unit.told = trace.pid
            unit.know_maker()
            if unit.kind not in UNITS_THAT_END or unit.ended is not None or len(open_units) >= MOST_OPEN_UNITS:
                trace.write_soon(unit.line())
            else:
                open_units[unit.number] = unit
        return self.number

    def ends(self):
        """It has ended; its record is written. Of those that made no exchange, the first ones alone have one."""
        if self.ended is not None:
            return
        self.ended = now()
        if open_units.pop(self.number, None) is not None:
            trace.write_soon(self.line())
        elif self.told != trace.pid and idle_units['told'] < MOST_IDLE_UNITS and sampler.began is not None:
            idle_units['told'] += 1
            self.tell()


UNITS_THAT_END = ('thread', 'executor-item', 'queue-item', 'task', 'served-request')  # those whose end is seen
MOST_OPEN_UNITS, MOST_IDLE_UNITS = 10000, 1000
open_units = {}  # number -> Unit that is told and has not ended
idle_units = {'told': 0}
new_unit_number = itertools.count(1)
latest_unit = 0
lately_registered = deque(maxlen=256)  # (id, weak reference, Unit) of the last ones
registered = {}  # id(task or greenlet) -> (weak reference, Unit)
active = {}  # thread ident, or id of its greenlet -> the Unit that it works on
handing_over = {}  # thread ident -> Unit of a task that may start before its hand-over is done
greenlet_of_thread = None  # greenlet.getcurrent, once there are greenlets
running_loop = task_of_loop = task_of_trio = None  # of asyncio and trio, once they are there


def register(subject, unit):
    address = id(subject)

    def gone(_, address=address, registered=registered):
        registered.pop(address, None)
    found = registered[address] = (_ref(subject, gone), unit)
    lately_registered.append((address,) + found)
    return unit


def unit_of(subject):
    found = registered.get(id(subject))
    return found[1] if found is not None and found[0]() is subject else None


def here():
    """What tells apart the work that runs side by side in synchronous code: the greenlet, or else the thread."""
    return native_ident() if greenlet_of_thread is None else id(greenlet_of_thread())


def current_task():
    loop = None if running_loop is None else running_loop()
    if loop is not None:
        return task_of_loop(loop)
    return None if task_of_trio is None else task_of_trio()


def current_unit():
    """The Unit that is worked on here: what a worker took from a queue, or else the worker itself."""
    unit = own_unit()
    return unit if unit is None or unit.item is None else unit.item


def own_unit():
    task = current_task()
    if task is not None:
        return unit_of(task) or handing_over.get(native_ident())
    if greenlet_of_thread is not None:
        greenlet = greenlet_of_thread()
        unit = active.get(id(greenlet)) or unit_of(greenlet)
        if unit is not None:
            return unit
    return active.get(native_ident())


def hand_over(kind):
    """A Unit that is wanted now, by the unit that runs here."""
    global exchanges_expected
    at = now()
    watch_thread().asks = True
    parent = current_unit()
    if not is_http_loaded and latest_unit > PATIENCE:
        exchanges_expected = False
    unit = Unit(kind, wanted_by(at), stack_of(outside(), None, loop_codes) if exchanges_expected else None,
                None if parent is None else _ref(parent), at)
    if unit.wanted < at:
        unit.lacked = held_back_here().resource
    return unit


class HeldBack(object):
    """How long a unit waited for room since it knew what to do: its next work was wanted so much earlier."""
    __slots__ = ('since', 'waited', 'resource')

    def __init__(self, since):
        self.since = since
        self.waited = 0
        self.resource = None  # the last one


main_held_back = {}  # here() -> HeldBack, of work that belongs to no unit
MOST_HELD_BACK = 1000


def held_back_here():
    unit = own_unit()
    if unit is not None:
        return unit.held_back
    return main_held_back.get(here()) if main_held_back else None


def waited_for_room(waited, resource):
    """The unit that runs here waited so long before it could do, or hand over, its next work."""
    found = held_back_here()
    if found is None:
        found, unit = HeldBack(0), own_unit()
        if unit is not None:
            unit.held_back = found
        elif len(main_held_back) < MOST_HELD_BACK:
            main_held_back[here()] = found
    found.waited += waited
    found.resource = resource


def wanted_by(at):
    """When work that is handed over here at this time is wanted: earlier, by what its producer waited for room."""
    found = held_back_here()
    return at if found is None else max(found.since, at - found.waited)


def learns(*_):
    """This code waited for what others did."""
    begins_anew()


def begins_anew():
    """What this unit hands over from now on depends on what it learns now."""
    found = held_back_here()
    if found is not None:
        found.since, found.waited = now(), 0


exchanges_expected = False  # whether the process may make any: before that nothing is worth a stack
PATIENCE = 20000  # units that a process may make which knows of sockets and makes no request


def call_key():
    task = current_task()
    return here() if task is None else id(task)


is_http_loaded = False


def expect_exchanges():
    """An HTTP library is loaded, or a request was made."""
    global exchanges_expected, is_http_loaded
    exchanges_expected = is_http_loaded = True


def expect_sockets():
    global exchanges_expected
    exchanges_expected = True


# core/threads.py ---------------------------------------------------------------------------------------------------
# The native threads of the program, as the sampler knows them.

class Watched(object):
    """What the sampler knows of a native thread."""
    __slots__ = ('ident', 'tid', 'cpu_clock', 'asks', 'carries', 'events', 'event_at', 'seen', 'first', 'last',
                 'samples', 'held', 'frame', 'stack', 'call', 'cpu', 'busy_at', 'busy_to', 'busy_stacks', 'busy_events',
                 'waits_for', 'resource')

    def __init__(self, ident):
        self.ident = ident
        self.tid = thread_id()
        self.cpu_clock = cpu_clock_of(ident)
        self.asks = False  # it handed work over
        self.carries = 0  # exchanges that are asked and not read
        self.events = 0  # steps of exchanges, so that two equal waits are not taken for one
        self.event_at = 0
        self.seen = None
        self.first = self.last = self.samples = 0
        self.held = []  # waits that count only if this unit of work turns out to make a request
        self.frame = self.stack = self.call = None
        self.cpu = 0  # at the last look
        self.busy_at = self.busy_to = 0
        self.busy_stacks = []
        self.busy_events = 0
        self.waits_for = None  # the Resource that its code wants
        self.resource = None  # the same, when the wait was looked at


watched = {}  # native ident -> Watched


def thread_id():
    """The kernel's id of this thread."""
    if native_id is not None:
        return native_id()
    try:
        return int(os_readlink('/proc/thread-self').rpartition('/')[2])
    except Exception:
        return native_ident()


CLOCKS_OF_THREADS = hasattr(_time, 'pthread_getcpuclockid') and hasattr(_time, 'clock_gettime_ns')


def cpu_clock_of(ident):
    """A function that tells the CPU time of this thread in microseconds; before 3.7, of the process."""
    if CLOCKS_OF_THREADS:
        try:
            clock_id, read = _time.pthread_getcpuclockid(ident), _time.clock_gettime_ns
        except Exception:
            pass
        else:
            def clock_of_thread():
                try:
                    return read(clock_id) // 1000
                except OSError:
                    return 0  # the thread has ended
            return clock_of_thread
    read = getattr(_time, 'process_time', None) or _time.clock
    return lambda: int(read() * 1e6)


def watch_thread():
    ident = native_ident()
    thread = watched.get(ident)
    if thread is None:
        thread = watched[ident] = Watched(ident)
    return thread


# core/names.py -----------------------------------------------------------------------------------------------------
# How errors, origins and addresses are written.

def error_name(error):
    """The class of an error; where it only wraps what the system said, that: EADDRNOTAVAIL."""
    inner = error
    for _ in range(8):
        if isinstance(inner, EnvironmentError) and inner.errno is not None:
            said = errno.errorcode.get(inner.errno) if type(inner) is OSError else None
            return said or type(inner).__name__
        inner = getattr(inner, '__cause__', None) or getattr(inner, '__context__', None)
    return type(error).__name__


def origin_of(scheme, host, port):
    host, scheme = text_of(host) or '', text_of(scheme)
    if ':' in host and not host.startswith('['):
        host = '[%s]' % host
    if port is None or (scheme, port) in (('http', 80), ('https', 443)):
        return '%s://%s' % (scheme, host)
    return '%s://%s:%d' % (scheme, host, port)


def target_of(method, url):
    url = text_of(url) if isinstance(url, (str, bytes, TEXT)) else str(url)
    scheme, _, rest = url.partition('://')
    return method, '%s://%s' % (scheme, rest.partition('/')[0].partition('?')[0].rpartition('@')[2]), url


def address_text(address):
    try:
        return ('[%s]:%d' if ':' in address[0] else '%s:%d') % tuple(address[:2])
    except Exception:
        return None


# core/resources.py -------------------------------------------------------------------------------------------------
# Resources: what has a capacity, and units of work that wait for it.

class Resource(object):
    __slots__ = ('number', 'kind', 'name', 'capacity', 'stack', 'package', 'told', 'holders')

    def __init__(self, kind, name, capacity, stack, package):
        self.number = next(new_resource_id)
        self.kind, self.name, self.capacity, self.stack, self.package = kind, name, capacity, stack, package
        self.told = None  # the process whose trace has its record
        self.holders = None  # unit's number -> since when, once somebody has waited for it

    def tell(self):
        """Writes its record, unless it is written."""
        if self.told != trace.pid:
            self.told = trace.pid
            trace.write(self.line())
        return self.number

    def line(self):
        fields = [('id', self.number), ('pid', trace.pid), ('type', self.kind), ('name', self.name),
                  ('capacity', self.capacity)]
        for name, value in (('setAt', self.stack), ('package', self.package)):
            if value is not None:
                fields.append((name, value))
        return line_of('resource', fields)


new_resource_id = itertools.count(1)
MOST_PLACES, MOST_HOLDS = 2000, 20000  # resources whose making is remembered with its stack, and holds that are told
MOST_HOLDERS = 1000  # of one resource
SHORTEST_WAIT_US = 1000  # less is what the call itself takes
holds = {'told': 0}


def new_resource(subject, kind, name, capacity):
    """For something that is made here."""
    frame = outside()
    stack = stack_of(frame) if next_place() else None
    capacity = capacity if isinstance(capacity, WHOLE) and not isinstance(capacity, bool) else None
    resource = Resource(kind, name, capacity, stack, package_of(frame.f_code.co_filename))
    keep_resource(subject, resource)
    return resource


resources_of_slots = {}  # id(what has no __dict__) -> (weak reference, Resource)


def keep_resource(subject, resource):
    if hasattr(subject, '__dict__'):
        subject.__dict__['_abreast_resource'] = resource
        return
    address = id(subject)
    resources_of_slots[address] = (_ref(subject, lambda _: resources_of_slots.pop(address, None)), resource)


def known_resource(subject):
    if hasattr(subject, '__dict__'):
        return subject.__dict__.get('_abreast_resource')
    found = resources_of_slots.get(id(subject))
    return found[1] if found is not None and found[0]() is subject else None


places = {'made': 0}


def next_place():
    places['made'] += 1
    return exchanges_expected and places['made'] <= MOST_PLACES


def resource_of(subject, kind, capacity=None):
    """That of an object, whose making may not have been seen."""
    found = known_resource(subject)
    if found is None:
        found = Resource(kind, class_name(type(subject)), capacity, None, package_of_class(type(subject)))
        keep_resource(subject, found)
    return found


def package_of_class(kind):
    module = sys.modules.get(kind.__module__)
    return package_of(getattr(module, '__file__', None) or '')


def whole(number):
    """A capacity as a whole number; None where there is no limit."""
    return int(number) if number is not None and 0 < number < 1 << 31 else None


def package_of(path):
    """The installed package that a file belongs to, or None."""
    path = path.replace('\\', '/')
    for folder in ('/site-packages/', '/dist-packages/'):
        before, found, rest = path.rpartition(folder)
        if found:
            return rest.partition('/')[0].partition('.py')[0]
    return None


def waiter_here():
    """What waits if this code waits: its unit, if an event loop or a hub runs it, else its thread."""
    unit = own_unit()
    if unit is not None and (unit.kind == 'greenlet' or current_task() is not None):
        return unit
    return watch_thread() if greenlet_of_thread is None else Nobody()


class Nobody(object):
    """A greenlet that is no unit."""
    waits_for = None


def wants(subject, kind, capacity=None):
    """This code may wait for a resource now. Returns what is_got() needs."""
    if not exchanges_expected:
        return None
    waiter = waiter_here()
    if waiter.waits_for is not None:
        return None  # it is part of another wait
    resource = resource_of(subject, kind, capacity)
    before, waiter.waits_for = waiter.waits_for, resource
    return resource, waiter, before, now()


def is_got(state, result, error):
    """It has got it, or has given up."""
    if state is None:
        return
    resource, waiter, before, since = state
    waiter.waits_for = before
    waited = now() - since
    if waited > SHORTEST_WAIT_US:
        if resource.holders is None:
            resource.holders = {}
            contended['ever'] = True
        key = call_key()
        if key not in open_call and key not in open_exchange:
            waited_for_room(waited, resource)


def holds_now(resource):
    """Its holder is remembered, if anybody has ever waited for it."""
    if resource.holders is not None and len(resource.holders) < MOST_HOLDERS:
        resource.holders[call_key()] = (now(), current_unit())


def gives_back(subject):
    resource = known_resource(subject)
    if resource is None or not resource.holders:
        return
    since, unit = resource.holders.pop(call_key(), (None, None))
    if since is None or holds['told'] >= MOST_HOLDS or (unit is not None and not unit.used):
        return
    holds['told'] += 1
    fields = [('resource', resource.tell())]
    if unit is not None:
        fields.append(('unit', unit.tell()))
    trace.write_soon(line_of('hold', fields + [('fromUs', since), ('toUs', now())]))


def watch_permits(owner, kind, wrap_step):
    """owner.acquire() and owner.release(): waits name the resource, and holds are told."""
    def acquires(subject, *_, **__):
        return subject, wants(subject, kind) if may_wait(subject) else None

    def acquired(state, result, error):
        subject, waiting = state
        if waiting is not None:
            is_got(waiting, result, error)
        if contended and error is None and result is not False:
            resource = known_resource(subject)
            if resource is not None:
                holds_now(resource)
    wrap_step(owner, 'acquire', acquires, acquired)
    wrap(owner, 'release', lambda subject, *_, **__: gives_back(subject) if contended else None)


contended = {}  # not empty, once anybody has waited for a resource


def may_wait(subject):
    """Whether code that wants this now has to wait, as far as its fields tell."""
    fields = getattr(subject, '__dict__', None)
    if fields is not None:
        if '_locked' in fields:  # asyncio.Lock
            return fields['_locked']
        if 'counter' in fields:  # that of eventlet
            return fields['counter'] <= 0
        if '_value' in fields:  # Semaphore
            return fields['_value'] <= 0 or bool(fields.get('_waiters'))
    return True


# core/sources.py ---------------------------------------------------------------------------------------------------
# Which answers held a part of a later URL: by hashes of words, keyed anew in each process, that never leave its memory.

LOOKED_AT = 262144  # bytes of a body
MOST_WORDS, WORDS_OF_ANSWER = 100000, 20000
LOOK_SHARE, LOOK_START_US = 0.03, 100000  # of the time may be spent here, and so much at first
TEXT_TYPES = ('text/', 'json', 'xml', 'javascript', 'form-urlencoded', 'ndjson', 'event-stream')


class Sources(object):
    def __init__(self):
        self.key = os.urandom(16)
        self.holders = {}  # hash of a word or link -> id of the exchange whose answer held it first
        self.requested = set()  # hashes of words and links of the URLs so far
        self.unseen = set()  # answers that were read and not looked at: what they held is not known
        self.is_blind = False
        self.spent = 0
        self.patterns = None

    def hash(self, word):
        return hash((self.key, word))

    def of(self, url):
        """Ids of exchanges whose answers held what is new in this URL; None where that is not known."""
        words = self.new_words(url)
        found = {self.holders[word] for word in words if word in self.holders}
        if found:
            return sorted(found)[:8]
        return None if words and (self.is_blind or self.unseen) else []

    def new_words(self, url):
        scheme, _, rest = url.partition('://')
        place, _, query = rest.partition('#')[0].partition('?')
        host, _, path = place.partition('/')
        pairs = [pair.partition('=') for pair in query.split('&') if pair]
        parts = path.split('/') + [value or name for name, _, value in pairs]
        words = [longest_word(decoded(part)) for part in parts if part]
        target = '/' + path + ('?' + query if query else '')
        hashes = {self.hash(word.encode('utf-8', 'replace')) for word in words if word}
        hashes.update(self.hash(link.encode('utf-8', 'replace')) for link in (target, scheme + '://' + host + target)
                      if len(link) > 2)
        new = hashes - self.requested
        if len(self.requested) > MOST_WORDS:
            self.requested.clear()
            self.is_blind = True
        self.requested |= hashes
        return new

    def look(self, exchange, kind, data):
        """At the body of an answer, decoded, and of this content type."""
        if exchange is None or exchange.is_looked_at:
            return
        exchange.is_looked_at = True
        self.unseen.discard(exchange.id)
        if not data or not is_text(kind):
            return
        began = now()
        if self.spent > LOOK_START_US + began * LOOK_SHARE or not self.can_read():
            self.is_blind = True
            return
        if len(data) > LOOKED_AT:
            self.is_blind = True
        self.hold(exchange, self.words_of(bytes(data[:LOOKED_AT])))
        self.spent += now() - began

    def leave(self, exchange):
        """Nobody looked at this answer."""
        if len(self.unseen) < MOST_WORDS:
            self.unseen.add(exchange.id)
        else:
            self.is_blind = True

    def hold(self, exchange, words):
        if len(words) > WORDS_OF_ANSWER or len(self.holders) > MOST_WORDS:
            self.is_blind = True
        if len(self.holders) > MOST_WORDS:
            return
        for word in itertools.islice(words, WORDS_OF_ANSWER):
            self.holders.setdefault(self.hash(word), exchange.id)

    def look_at_header(self, exchange, value):
        """Location and Link tell where to go on."""
        if exchange is not None and value and self.can_read():
            text = text_of(value).encode('utf-8', 'replace')
            self.hold(exchange, self.words_of(b'"' + text + b'"'))

    def can_read(self):
        if self.patterns is None:
            re = sys.modules.get('re')  # to import it here could wait for the import lock
            if re is None or not hasattr(re, 'compile'):
                return False
            self.patterns = (re.compile(br'[A-Za-z0-9_.~-]{3,}'),
                             re.compile(br'(?:https?://|(?<=["\'=(<])[/?])[^\s"\'<>\\)]+'),
                             re.compile(br'[:\[,]\s*"?([A-Za-z0-9]{1,2})"?\s*(?=[,\]}])'))
        return True

    def words_of(self, data):
        """Words of three letters and more, links, and shorter values that stand alone."""
        words, links, values = self.patterns
        if b'\\/' in data:
            data = data.replace(b'\\/', b'/')
        if b'&amp;' in data:
            data = data.replace(b'&amp;', b'&')
        found = set(words.findall(data))
        for text in links.findall(data):
            found.add(text)
            found.update(pair.partition(b'=')[2] for pair in text.partition(b'?')[2].split(b'&'))
        found.update(values.findall(data))
        return found


def is_text(kind):
    """Whether a content type may hold links; one that is not told may."""
    return not kind or any(name in kind.lower() for name in TEXT_TYPES)


def longest_word(part):
    """The longest run of letters that a body would hold as one word."""
    longest = word = ''
    for letter in part:
        word = word + letter if letter in WORD or letter in '.~-' else ''
        if len(word) > len(longest):
            longest = word
    return longest


sources = Sources()


class Body(object):
    """The beginning of a body, from the pieces in which it comes: as much of it as is looked at."""
    __slots__ = ('pieces', 'size')

    def __init__(self):
        self.pieces, self.size = [], 0

    def add(self, piece):
        if piece and self.size <= LOOKED_AT:
            self.pieces.append(piece)
            self.size += len(piece)

    def whole(self):
        return b''.join(self.pieces)


def look_at(exchange, headers, data):
    """At what a library gave its caller. `headers` has get()."""
    if exchange is None or exchange.is_looked_at:
        return
    kind = text_of(headers.get('Content-Type') or '') if headers is not None else ''
    if headers is not None:
        look_at_headers(exchange, headers)
    sources.look(exchange, kind, data)


def look_at_headers(exchange, headers):
    for name in ('Location', 'Link'):
        value = headers.get(name)
        if value:
            sources.look_at_header(exchange, value)
    after = retry_after(headers.get('Retry-After'))
    if after is not None:
        exchange.retry_after = after


def retry_after(value):
    """Seconds, as a number or as a date of HTTP."""
    value = text_of(value or '').strip()
    if consists_of(value, DIGITS):
        return int(value) if len(value) < 8 else None
    utils = sys.modules.get('email.utils')
    try:
        return max(0, int(utils.mktime_tz(utils.parsedate_tz(value)) - wall_clock())) if value and utils else None
    except Exception:
        return None


# core/exchanges.py -------------------------------------------------------------------------------------------------
# Exchanges: one request on the wire each, and the steps that it passes.

STEPS = ('wanted', 'called', 'dispatched', 'connected', 'sent', 'answered', 'read')
new_exchange_id, new_request_id, new_connection_id = itertools.count(1), itertools.count(1), itertools.count(1)
pending = {}  # id -> Exchange that is not read
open_exchange = {}  # here() or id(task) -> Exchange that is not sent
open_call = {}  # here() or id(task) -> Call
latest = {}  # here() or id(task) -> its latest Exchange that is not read
connection_of_descriptor = {}


class Exchange(object):
    """One request on the wire. Times are trace times, None for a step that was not passed."""
    wanted = called = dispatched = connected = sent = answered = read = failed = None
    id = request = thread = carrier = unit = connection = ordinal = method = origin = url = status = error = None
    stack = estimated = route = connecting = None
    waiting = None  # for a connection of a pool
    held_in = retry_after = body = None  # held_in: ids of exchanges whose answers held a part of its URL
    is_located = is_looked_at = by_pool = is_unread = False
    key = left = handled = None  # left: when its unit went on to its next call, and had not read the answer
    attempt, because, done = 1, 'first', False


last_end = [0]


def ended_last():
    """When the latest exchange ended."""
    return last_end[0]


class Call(object):
    """One call into an HTTP library: the exchange that it makes, its retries and its redirects."""
    __slots__ = ('called', 'wanted', 'stack', 'unit', 'request', 'last', 'made', 'target')


def enter_call(key):
    """Begins a call, unless this is inside one. Returns it, for leave_call."""
    if key in open_call:
        return None
    leaves_unread(key)
    call = Call()
    call.called = now()
    call.unit = current_unit()
    call.wanted = wanted_by(call.called)
    call.stack = asking_stack(call.unit)
    call.request = next(new_request_id)
    call.last = None
    call.made = 0
    call.target = None
    open_call[key] = call
    return call


def asking_stack(unit):
    if unit is None or unit.stack is None:
        return stack_of(outside())
    return stack_of(outside(), unit.stack, loop_codes)


def leave_call(key, call, error=None):
    """Ends a call. What it leaves open has failed with it; one that failed before any exchange gets one that says so."""
    if call is None:
        return
    if error is not None and not isinstance(error, GeneratorExit):
        if call.made == 0 and call.target is not None:
            where_to(new_exchange(key), *call.target)
        exchange = call.last
        if exchange is not None and exchange.answered is None:
            finish(exchange, error_name(error))
    open_call.pop(key, None)


def new_exchange(key):
    """An exchange begins: the first of its call, or a retry or redirect in it."""
    start_sampler()
    call = open_call.get(key)
    at = now()
    exchange = Exchange()
    exchange.id = next(new_exchange_id)
    unit = call.unit if call else current_unit()
    if call is None:
        leaves_unread(key)
        exchange.request = next(new_request_id)
        exchange.called = at
        exchange.wanted = wanted_by(at)
        exchange.stack = asking_stack(unit)
    else:
        exchange.request = call.request
        exchange.stack = call.stack
        exchange.called = exchange.wanted = at
        if call.made == 0:
            exchange.called, exchange.wanted = call.called, call.wanted
        elif call.last is not None and call.last.error is None and str(call.last.status)[:1] == '3':
            exchange.because = 'redirect'
        elif call.last is not None and call.last.error is None and call.last.status in (401, 407):
            exchange.because = 'challenge'
        else:
            exchange.because = 'retry'
            exchange.attempt = call.last.attempt + 1 if call.last else 2
        call.made += 1
        call.last = exchange
    if unit is not None:
        exchange.unit = unit
        unit.waiting = exchange
        unit.tell()
        if not unit.used:
            unit.used = True
            if unit.kind == 'task':
                ends_with_task(unit)
            exchange.wanted = min(unit.wanted, exchange.wanted)
            waited_to_begin(unit)
    elif greenlet_of_thread is not None and greenlet_of_thread().parent is not None:
        exchange.estimated = ['wantedUs']  # a greenlet whose spawning was not seen
    begins_anew()
    thread = watch_thread()
    exchange.thread = thread.tid
    exchange.carrier = thread
    thread.carries += 1
    thread.events += 1
    thread.event_at = at
    if thread.held:
        release_held(thread, exchange.wanted)
    exchange.key = key
    latest[key] = pending[exchange.id] = exchange
    return exchange


def waited_to_begin(unit):
    """What it waited for since it was wanted: its turn, or room for its making."""
    begun = unit.made if unit.kind in ('thread', 'task') else unit.started
    if begun is not None and begun - unit.wanted > 5000:
        write_block(unit.thread, unit.wanted, begun, unit.kind, unit.stack, unit=unit.number,
                    wait=unit_queue(unit), resource=unit.queued_in or unit.lacked)


def ends_with_task(unit):
    task = current_task()
    if task is not None and unit_of(task) is unit and hasattr(task, 'add_done_callback'):
        task.add_done_callback(lambda _: unit.ends())


def where_to(exchange, method, origin, url):
    exchange.method = text_of(method)
    exchange.origin = text_of(origin)
    url = text_of(url)
    exchange.url = clean_url(url)
    if not exchange.is_located:
        exchange.is_located = True
        exchange.held_in = sources.of(url)


def where_to_target(exchange, method, origin, target):
    """The same, by the target of its request line: a path, or to a proxy a whole URL (RFC 9112 section 3.2)."""
    target = text_of(target)
    if '://' in target[:10]:
        where_to(exchange, *target_of(method, target))
    else:
        where_to(exchange, method, origin, origin + target)


def passes(exchange, step):
    """The exchange passes a step now, if it did not before."""
    if exchange is not None and getattr(exchange, step) is None and not exchange.done:
        at = now()
        setattr(exchange, step, at)
        carrier = exchange.carrier
        carrier.events += 1
        carrier.event_at = at


def finish(exchange, error=None):
    """The exchange is read, or has failed."""
    if exchange is None or exchange.done:
        return
    exchange.done = True
    at = last_end[0] = now()
    if error is None:
        if exchange.answered is None:
            exchange.answered = at
        if exchange.read is None:
            exchange.read = at
        if not exchange.is_looked_at and str(exchange.status)[:1] != '3':
            sources.leave(exchange)
    else:
        exchange.error = error
        exchange.failed = at
    pending.pop(exchange.id, None)
    if latest.get(exchange.key) is exchange:
        del latest[exchange.key]
    carrier = exchange.carrier
    carrier.carries -= 1
    carrier.events += 1
    carrier.event_at = at
    trace.write(exchange_line(exchange))


def leaves_unread(key):
    """The unit makes its next call. An answer that it has not read ends now, unless it is read later."""
    exchange = latest.get(key)
    if exchange is not None and exchange.answered is not None and exchange.left is None:
        exchange.left = now()


def end_unread(exchange):
    """Nobody will read the rest of its body: it ended when its unit went on, or when the last of it came, if earlier."""
    if exchange is None or exchange.done:
        return
    exchange.is_looked_at = True
    if exchange.answered is not None and exchange.read is None:
        ended = now() if exchange.left is None else exchange.left
        came = None if exchange.route is None else last_data(exchange.route)
        exchange.read = ended if came is None else min(ended, max(came - KERNEL_TICK_US, exchange.answered))
        exchange.is_unread = True
    finish(exchange)


def has_room(exchange):
    """The pool has a connection for it, or room for one."""
    state, exchange.waiting = exchange.waiting, None
    is_got(state, None, None)


def failure_meanwhile(exchange):
    """The name of the network's error that is being handled here and came after the exchange's answer, or None."""
    error = sys.exc_info()[1]
    if error is None or id(error) == exchange.handled:
        return None
    network = isinstance(error, EnvironmentError) or any(
        base.__module__.partition('.')[0] in ('http', 'httplib', 'urllib3', 'requests', 'socket', 'ssl')
        for base in type(error).__mro__)
    return error_name(error) if network else None


def discard(exchange):
    """It turns out that another part knows of this exchange."""
    if not exchange.done:
        exchange.done = True
        pending.pop(exchange.id, None)
        exchange.carrier.carries -= 1


def exchange_line(exchange):
    latest, times = 0, []
    for at in (exchange.wanted, exchange.called, exchange.dispatched, exchange.connected, exchange.sent,
               exchange.answered, exchange.read):
        if at is None:
            times.append('null')
            continue
        if latest - at > 50:
            trace.lost['clamped'] += 1
        latest = max(latest, at)
        times.append(latest)
    more = ''
    if exchange.unit is not None:
        more += ',"unit":%d' % exchange.unit.number
    if exchange.method:
        more += ',"method":%s' % quote(exchange.method)
    if exchange.url:
        more += ',"url":%s' % quote(exchange.url)
    if exchange.stack is not None:
        more += ',"stack":%d' % exchange.stack
    if exchange.failed is not None:
        more += ',"failedUs":%d' % max(exchange.failed, latest)
    if exchange.is_unread:
        more += ',"unread":true'
    if exchange.held_in is not None:
        more += ',"from":%s' % dumps(exchange.held_in)
    if exchange.retry_after is not None and exchange.status in (429, 503):
        more += ',"retryAfterSeconds":%d' % exchange.retry_after
    if exchange.estimated:
        more += ',"estimated":%s' % dumps(exchange.estimated)
    return EXCHANGE_LINE % (
        exchange.id, exchange.request, exchange.attempt, exchange.because, trace.pid, exchange.thread,
        'null' if exchange.connection is None else exchange.connection,
        'null' if exchange.ordinal is None else exchange.ordinal, quote(exchange.origin or ''),
        times[0], times[1], times[2], times[3], times[4], times[5], times[6],
        'null' if exchange.status is None else exchange.status,
        'null' if exchange.error is None else quote(exchange.error), more)


EXCHANGE_LINE = (
    '{"kind":"exchange","id":%d,"request":%d,"attempt":%d,"because":"%s","pid":%d,"thread":%d,"connection":%s,'
    '"ordinal":%s,"origin":%s,"wantedUs":%s,"calledUs":%s,"dispatchedUs":%s,"connectedUs":%s,"sentUs":%s,'
    '"answeredUs":%s,"readUs":%s,"status":%s,"error":%s%s}\n')


# core/connections.py -----------------------------------------------------------------------------------------------
# Connections of the program, from their opening to their end.

class Route(object):
    """A connection of the program, from its opening to its end."""
    id = origin = dns_from = dns_to = connecting = tcp = tls = connected = fd = exchange = socket = None
    carried = None  # the latest exchange over it
    made = depth = 0
    closing = shares = False  # shares: it carries several exchanges at once

    def __init__(self, origin=None):
        self.origin = origin


def write_connection(route, sock=None, tls=None, protocol='http/1.1', local=None, remote=None):
    """The connection stands. `tls` is the object that encrypts, where the socket itself does not."""
    route.id = next(new_connection_id)
    route.made = 0
    route.shares = protocol in ('h2', 'h3')
    route.connected = now()
    fields = [('id', route.id), ('pid', trace.pid), ('thread', thread_id()), ('origin', route.origin or '')]
    local = local or address_of(sock, 'getsockname')
    remote = remote or address_of(sock, 'getpeername')
    if local:
        fields.append(('local', local))
    if remote:
        fields.append(('remote', remote))
    if route.dns_from is not None:
        fields += [('dnsFromUs', route.dns_from), ('dnsToUs', route.dns_to)]
    if route.connecting is not None:
        fields.append(('connectingUs', route.dns_to if route.dns_to is not None else route.connecting))
    secure = tls if tls is not None else sock
    is_secure = encrypts(secure)
    fields.append(('connectedUs', route.tcp if route.tcp is not None else route.connected))
    fields += [('tlsStartUs', route.tcp if is_secure else None), ('tlsDoneUs', route.connected if is_secure else None)]
    if is_secure:
        try:
            version = secure.version()
        except Exception:
            version = None
        fields.append(('tlsVersion', text_of(version) if isinstance(version, (str, bytes)) else None))
    fields.append(('protocol', protocol))
    if secure is not None:
        fields.append(('socketClass', class_name(type(secure))))
    try:
        route.fd = sock.fileno()
        connection_of_descriptor[route.fd] = route.id
        route.socket = sock
    except Exception:
        route.fd = None
    trace.write(line_of('connection', fields))


def encrypts(sock):
    """Whether it is of `ssl` or of pyOpenSSL."""
    return hasattr(sock, 'getpeercert') or hasattr(sock, 'get_peer_certificate')


def address_of(sock, method):
    try:
        if not hasattr(sock, method):
            sock = getattr(sock, 'socket', None) or sock._sock  # urllib3's and pyOpenSSL's wrappers
        address = getattr(sock, method)()
        if isinstance(address, (str, bytes)):
            return 'unix:' + text_of(address)
        return ('[%s]:%d' if ':' in address[0] else '%s:%d') % tuple(address[:2])
    except Exception:
        return None


def close_connection(route):
    if route is not None and route.id is not None:
        if route.carried is not None and route.carried.answered is not None:
            end_unread(route.carried)
        route.carried = None
        if connection_of_descriptor.get(route.fd) == route.id:
            connection_of_descriptor.pop(route.fd, None)
        trace.write('{"kind":"connectionClosed","id":%d,"atUs":%d}\n' % (route.id, now()))
        route.id = route.socket = None


def rides(exchange, route):
    """The exchange goes over this connection."""
    if exchange is not None and exchange.connection is None and route.id is not None:
        exchange.connection = route.id
        exchange.ordinal = route.made
        exchange.route = route
        route.made += 1
        if route.shares:
            return
        if route.carried is not None and not route.carried.done and route.carried.answered is not None:
            end_unread(route.carried)
        route.carried = exchange


KERNEL_TICK_US = 10000  # at most: its account of ages is by whole ticks
LAST_DATA_RECEIVED = 52  # of tcpi_last_data_recv in struct tcp_info: milliseconds ago


def last_data(route):
    """When the kernel took in the last data of this connection, or None."""
    try:
        return None if route.socket is None or route.socket.fileno() != route.fd else last_data_of(route.socket)
    except Exception:
        return None


def last_data_of(sock):
    try:
        if not LINUX:
            return None
        told = bytearray(sock.getsockopt(6, 11, 104)[LAST_DATA_RECEIVED:LAST_DATA_RECEIVED + 4])
        return now() - 1000 * sum(byte << 8 * at for at, byte in enumerate(told))
    except Exception:
        return None


def readable(exchanges):
    """Those of the exchanges whose socket has something to read. By the real poll, which a module may have replaced."""
    try:
        select = sys.modules.get('select')
        poll = original_of('select', 'poll') or (select and select.poll)
        if not poll:
            return []
        asked = poll()
        of_fd = {}
        for exchange in exchanges:
            fd = exchange.route.fd
            if fd is not None and connection_of_descriptor.get(fd) == exchange.connection:
                of_fd[fd] = exchange
                asked.register(fd, 1)
        return [of_fd[fd] for fd, what in asked.poll(0) if what & 1 and fd in of_fd]
    except Exception:
        return []


# core/wires.py -----------------------------------------------------------------------------------------------------
# Wires: sockets, and what encrypts for one, over which a program sends HTTP/1.1 that no part of a library knows of.

REQUEST_STARTS = frozenset((b'GET ', b'HEAD', b'POST', b'PUT ', b'DELE', b'PATC', b'OPTI'))
LONGEST_HEAD = 65536


class Wire(object):
    """A socket, or what encrypts for one, over which requests go."""
    __slots__ = ('owner', 'route', 'exchange', 'head', 'left', 'is_chunked', 'tail')

    def __init__(self, owner):
        self.owner = owner  # a weak reference
        self.route = None
        self.exchange = None
        self.begin(None)

    def begin(self, exchange):
        self.exchange = exchange
        self.head = b''  # of the answer, until it is whole
        self.left = None  # of the body, if its length is known
        self.is_chunked = False
        self.tail = b''


wires = {}  # id(socket, or what encrypts for one) -> Wire
unbound = {}  # here() or id(task) -> what was encrypted or framed there, and goes with the next bytes sent there
MOST_UNBOUND, MOST_UNBOUND_HERE = 1000, 100  # the bytes may never be sent
reads_wrapped = []  # what reads from wires, once there are any
sockets_that_read = []


def new_wire(owner):
    address = id(owner)

    def gone(_, address=address):
        wire = wires.pop(address, None)
        if wire is not None and wire.exchange is not None and wire.exchange.answered is not None:
            end_unread(wire.exchange)
    wire = wires[address] = Wire(_ref(owner, gone))
    wrap_reads()
    return wire


def wire_of(owner):
    wire = wires.get(id(owner))
    return wire if wire is not None and wire.owner() is owner else None


def bytes_go(sock, data, *_, **__):
    """Before bytes are sent over a socket."""
    if unbound:
        bind(sock)
    if bytes(data[:4]) in REQUEST_STARTS:
        request_on(sock, data, sock)


def buffers_go(sock, buffers, *_, **__):
    if unbound:
        bind(sock)
    if isinstance(buffers, (list, tuple)) and buffers and bytes(buffers[0][:4]) in REQUEST_STARTS:
        request_on(sock, buffers[0], sock)


def plain_text_goes(encrypting, data, *_):
    """Before an object encrypts: the socket that its bytes go to is not known yet."""
    if bytes(data[:4]) in REQUEST_STARTS:
        goes_next(encrypting, bytes(data[:LONGEST_HEAD]).partition(b'\r\n\r\n')[0])


def goes_next(what, head=None):
    """An object that encrypts, with the head of a request, or an exchange over HTTP/2: its bytes are sent here next."""
    key = call_key()
    if key not in unbound:
        if len(unbound) >= MOST_UNBOUND:
            unbound.pop(next(iter(unbound), None), None)
        unbound[key] = deque(maxlen=MOST_UNBOUND_HERE)
    unbound[key].append((what, head))


def request_on(owner, data, sock):
    key = call_key()
    if key in open_exchange or is_anothers(sock):
        return
    lines = bytes(data[:LONGEST_HEAD]).partition(b'\r\n\r\n')[0].split(b'\r\n')
    words = lines[0].split(b' ')
    if len(words) != 3 or not words[2].startswith(b'HTTP/1.'):
        return
    fields = [line.partition(b':') for line in lines[1:]]
    fields = {name.strip().lower(): value.strip() for name, _, value in fields}
    if b'upgrade' in fields:
        return
    wire = wire_of(owner) or new_wire(owner)
    if wire.exchange is not None and wire.exchange.answered is not None:
        end_unread(wire.exchange)
    expect_exchanges()
    exchange = new_exchange(key)
    wire.begin(exchange)
    origin = '%s://%s' % ('https' if encrypts(owner) else 'http', text_of(fields.get(b'host', b'')))
    where_to_target(exchange, words[0], origin, words[1])
    passes(exchange, 'dispatched')
    wire.route = route_of_socket(sock, exchange, 'http/1.1')
    passes(exchange, 'connected')
    rides(exchange, wire.route)
    passes(exchange, 'sent')


def is_anothers(sock):
    """Whether the part of a library knows of this connection."""
    connection = connection_of_descriptor.get(sock.fileno())
    if connection is None:
        return False
    wire = wire_of(sock)
    return wire is None or wire.route is None or wire.route.id != connection


def route_of_socket(sock, exchange, protocol):
    """The connection of a socket, which is told now if it was not."""
    outer = wire_of(sock) or new_wire(sock)
    if outer.route is None or outer.route.id is None:
        outer.route = Route(exchange.origin)
        write_connection(outer.route, sock, None, protocol)
    return outer.route


def bind(sock):
    """What was encrypted, or framed, here goes over this socket."""
    for what, head in unbound.pop(call_key(), ()):
        if head is not None:
            request_on(what, head, sock)
        elif is_anothers(sock):
            discard(what)
        elif not what.done:
            stream_goes(what, sock)


def stream_goes(exchange, sock):
    """A request over HTTP/2 goes with these bytes."""
    route = route_of_socket(sock, exchange, 'h2')
    passes(exchange, 'connected')
    rides(exchange, route)
    passes(exchange, 'sent')


def bytes_came(owner, data):
    """After bytes were received: part of an answer?"""
    wire = wire_of(owner)
    exchange = None if wire is None else wire.exchange
    if exchange is None or exchange.done or exchange.sent is None:
        return
    if not data:
        if exchange.answered is not None and wire.left is None:
            wire_ends(exchange)
        else:
            finish(exchange, 'RemoteDisconnected')
        return
    if exchange.answered is None:
        passes(exchange, 'answered')
    while wire.head is not None:  # after an interim answer another head comes (RFC 9110 section 15.2)
        head, end, rest = (wire.head + data).partition(b'\r\n\r\n')
        if not end:
            wire.head = head
            if len(head) > LONGEST_HEAD:
                wire.begin(None)
            return
        wire.head, data = b'', rest
        head_came(wire, exchange, head)
    if exchange.body is not None:
        exchange.body.add(data)
    if wire.left is not None:
        wire.left -= len(data)
        if wire.left <= 0:
            wire_ends(exchange)
    elif wire.is_chunked:
        wire.tail = (wire.tail + data)[-7:]
        if wire.tail.endswith(b'\r\n0\r\n\r\n') or wire.tail == b'0\r\n\r\n':
            wire_ends(exchange)


def wire_ends(exchange):
    finish(exchange)
    if exchange.body is not None:
        sources.look(exchange, '', exchange.body.whole())
        exchange.body = None


def head_came(wire, exchange, head):
    lines = head.split(b'\r\n')
    words = lines[0].split(b' ')
    status = int(words[1]) if len(words) > 1 and words[1].isdigit() else None
    if status is not None and 100 <= status < 200:
        return
    wire.head = None
    exchange.status = status
    fields = {text_of(name.strip()).title(): text_of(value.strip())
              for name, _, value in (line.partition(b':') for line in lines[1:])}
    look_at_headers(exchange, fields)
    if 'Content-Encoding' not in fields and is_text(fields.get('Content-Type', '')):
        exchange.body = Body()
    wire.is_chunked = 'chunked' in fields.get('Transfer-Encoding', '').lower()
    length = fields.get('Content-Length', '')
    if exchange.method == 'HEAD' or status in (204, 304):
        wire.left = 0
    elif not wire.is_chunked and consists_of(length, DIGITS):
        wire.left = int(length)


def wire_closes(owner, *_):
    if id(owner) not in wires:
        return
    wire = wire_of(owner)
    del wires[id(owner)]
    if wire is None:
        return
    exchange = wire.exchange
    if exchange is not None and not exchange.done and exchange.answered is None:
        finish(exchange, failure_meanwhile(exchange) or 'closed before the answer')
    close_connection(wire.route)


# core/curl.py ------------------------------------------------------------------------------------------------------
# Exchanges of libcurl, by the times that it tells at their end.

MOST_CURL_ROUTES = 1000  # connections of libcurl that are remembered
curl_routes = {}  # (local address, remote address) -> Route
CURL_PROTOCOLS = {1: 'http/1.0', 2: 'http/1.1', 3: 'h2', 30: 'h3'}


def curl_begins(curl, key):
    exchange = curl.__dict__['_abreast'] = new_exchange(key)
    method = curl.__dict__.pop('_abreast_method', 'GET')
    where_to(exchange, *target_of(method, curl.__dict__.get('_abreast_url', '')))
    passes(exchange, 'dispatched')


def curl_ends(curl, told, error=None, is_late=False):
    """`told` gives libcurl's information by its name. is_late: the transfer may have ended before."""
    exchange = curl.__dict__.pop('_abreast', None)
    if exchange is None or exchange.done:
        return
    total = told('TOTAL_TIME_T')
    began = exchange.dispatched if is_late else now() - total

    def passed_at(name):
        us = told(name + '_TIME_T')
        return max(began + us, exchange.dispatched) if us > 0 else None
    exchange.status = told('RESPONSE_CODE') or None
    local, remote = curl_address(told, 'LOCAL'), curl_address(told, 'PRIMARY')
    if local is not None:  # without a connection, libcurl tells times of steps that it did not come to
        tcp = passed_at('CONNECT')
        exchange.connected = passed_at('APPCONNECT') or tcp or exchange.dispatched
        exchange.sent = passed_at('PRETRANSFER')
        exchange.answered = passed_at('STARTTRANSFER') if exchange.status else None
        # Over HTTP/2 the first exchange to end need not be the one that made the connection.
        route = curl_routes.pop((local, remote), None)
        if route is None:
            route = Route(exchange.origin)
            route.connecting, route.tcp = exchange.dispatched, tcp
            route.dns_to = passed_at('NAMELOOKUP')
            route.dns_from = exchange.dispatched if route.dns_to is not None else None
            protocol = CURL_PROTOCOLS.get(told('HTTP_VERSION'), 'http/1.1')
            write_connection(route, None, None, protocol, local, remote)
        elif not route.shares and exchange.sent is not None:  # it waited for a connection that stood
            exchange.dispatched = exchange.connected = exchange.sent
        remember_curl_route(local, remote, route)
        rides(exchange, route)
        if exchange.answered is not None and error is None:
            exchange.read = max(began + total, exchange.answered)
    finish(exchange, error)


def remember_curl_route(local, remote, route):
    if len(curl_routes) >= MOST_CURL_ROUTES:
        curl_routes.pop(next(iter(curl_routes), None), None)  # from Python 3.7 on the one that was not used the longest
    curl_routes[local, remote] = route


def curl_address(told, end):
    port = told(end + '_PORT')
    return address_text((text_of(told(end + '_IP')), port)) if port > 0 else None


# core/sampler.py ---------------------------------------------------------------------------------------------------
# A native thread that looks at the threads which carry requests, and at the coroutines and greenlets that wait.

TICK_S, TICK_US, SLOWEST_TICK_S, SHARE, TICK_BUDGET_S = 0.01, 10000, 0.1, 0.03, 0.0005
WRITES_A_TICK = 60
COUNT_RUN_QUEUE = 20  # ticks
SHORTEST_BLOCK_US, FOLLOWED_UNITS, LASTING = 15000, 64, 500
BUSY_SHARE = 0.2  # of a CPU: a thread that computes gets little of one that many threads want
LOOKUPS = ('getaddrinfo', 'gethostbyname', 'gethostbyname_ex', 'gethostbyaddr')


class Sampler(object):
    def __init__(self):
        self.running = False
        self.stopping = False
        self.tid = None
        self.idle = False  # no request is under way: what the program does then is a part of its time, too
        self.alarm = new_lock()
        self.began = None
        self.previous = 0
        self.tick_number = 0
        self.give_up_at = 0
        self.paired_at = self.tail_at = 0
        self.tail_cost = TICK_US  # so long passes before what lasts is written again, which a record has replaced
        self.followed = {}
        self.ready = set()

    def loop(self):
        try:
            self.tid = thread_id()
            self.alarm.acquire(False)
            while not self.stopping:
                began = cpu_time()
                try:
                    self.tick()
                except RuntimeError as error:  # a thread, task or greenlet changed what was looked at
                    trace.trouble('sampler', error)
                self.rest(min(SLOWEST_TICK_S, max(TICK_S, (cpu_time() - began) / SHARE)))
        except Exception as error:
            trace.trouble('sampler', error)
        finally:
            self.running = False

    def rest(self, seconds):
        if PY2:
            sleep(min(seconds, 2 * TICK_S))  # its locks know no time-out
        else:
            self.alarm.acquire(True, seconds)

    def tick(self):
        at = now()
        trace.flush()
        self.idle = not pending and not self.followed
        if watched or self.followed:
            frames = current_frames()
            self.give_up_at = cpu_time() + TICK_BUDGET_S
            threads = now_in(watched.items())
            turn = self.tick_number % len(threads) if threads else 0
            for ident, thread in threads[turn:] + threads[:turn]:
                frame = frames.get(ident)
                if frame is None:
                    watched.pop(ident, None)
                    self.close_wait(thread)
                elif thread.carries or thread.asks or ident in active or self.idle:
                    self.look_at(thread, frame, at)
            del frames
            if self.tick_number % 4 == 0:
                self.follow(at)
        self.previous = at
        self.tick_number += 1
        if pending and at - self.tail_at > (500000 if trace.has_tail else self.tail_cost):
            trace.write_tail(self.what_lasts())
            self.tail_at = now()
            self.tail_cost = (self.tail_at - at) / SHARE
        if not environment.written and at - self.began > 1000000:
            environment.write()
        if self.tick_number % COUNT_RUN_QUEUE == 0:
            count_run_queue()
        if at - self.paired_at > 10000000:
            self.paired_at = at
            clock.pair()
            if environment.stale:
                environment.write()

    def look_at(self, thread, frame, at):
        cpu = thread.cpu_clock()
        computes = (cpu - thread.cpu > (at - self.previous) * BUSY_SHARE
                    and (CLOCKS_OF_THREADS or thread.carries > 1))
        thread.cpu = cpu
        seen = (id(frame), frame.f_lasti, thread.events)
        if seen == thread.seen and not computes:
            thread.samples += 1
            thread.last = at
            if thread.busy_stacks:
                self.close_busy(thread)
            if thread.call is None and cpu_time() < self.give_up_at:
                self.name_wait(thread, frame)
            if thread.carries > 1 and thread.call is not None and thread.call[0] != 'epoll_wait':
                self.look_for_unread(thread, at)
            return
        self.close_wait(thread)
        if thread.carries or self.idle:
            self.look_at_busy(thread, frame, at, computes)
        thread.seen = seen
        thread.first = max(self.previous, thread.event_at)
        thread.last = at
        thread.samples = 1
        thread.call = None

    def name_wait(self, thread, frame):
        """Asks the kernel what the thread waits for."""
        thread.call = kernel_wait(thread.tid)
        thread.resource = thread.waits_for
        thread.stack = stack_of(frame)
        thread.frame = frame.f_code.co_name

    def close_wait(self, thread):
        """The wait that was seen is over. A single sample is no wait."""
        if thread.call is None or thread.last - thread.first < SHORTEST_BLOCK_US:
            return
        what, descriptors, connections = thread.call
        if thread.frame in LOOKUPS:
            what = 'getaddrinfo'
        wait = (thread.first, thread.last, what, thread.stack, connections, descriptors, thread.samples, thread.resource)
        thread.call = None
        if thread.carries or thread.event_at > wait[0] or (thread.asks and (pending or ended_last() >= wait[0])):
            self.write_wait(thread, wait)
        elif self.idle:
            if what in ('sleep', 'wait4'):
                self.write_wait(thread, wait)
        elif len(thread.held) < 20:
            thread.held.append(wait)

    def write_wait(self, thread, wait):
        first, last, what, stack, connections, descriptors, samples, resource = wait
        unit = active.get(thread.ident)
        write_block(thread.tid, first, last, what, stack, connections, descriptors, samples,
                    unit.tell() if unit is not None and unit.used else None, resource=resource)

    def look_at_busy(self, thread, frame, at, computes):
        """A thread that computes is in another place at each look: what it does is what its stacks have in common."""
        stack = stack_of(frame)
        if (computes and thread.busy_stacks and thread.busy_events == thread.events
                and is_same_work(thread.busy_stacks[0], stack)):
            thread.busy_stacks.append(stack)
            thread.busy_to = at
            self.look_for_unread(thread, at)
            return
        self.close_busy(thread)
        thread.busy_at = thread.busy_to = max(self.previous, thread.event_at)
        thread.busy_events = thread.events
        thread.busy_stacks = [stack]

    def close_busy(self, thread):
        stacks, thread.busy_stacks = thread.busy_stacks, []
        if len(stacks) >= 2 and thread.busy_to - thread.busy_at >= SHORTEST_BLOCK_US:
            write_block(thread.tid, thread.busy_at, thread.busy_to, 'cpu', common_stack(stacks), samples=len(stacks))

    def look_for_unread(self, thread, at):
        """While a thread waits or computes: which of its answers are in the kernel already?"""
        sent = [one for one in now_in(pending.values())
                if one.carrier is thread and one.sent is not None and one.answered is None and one.route is not None
                and one.id not in self.ready]
        if sent:
            for exchange in readable(sent[:100]):
                self.ready.add(exchange.id)
                trace.write('{"kind":"ready","connection":%d,"atUs":%d,"what":"readable"}\n' % (exchange.connection, at))

    def follow(self, at):
        """Where do coroutines and greenlets wait before their request is sent?"""
        if len(self.followed) < FOLLOWED_UNITS:
            for address, subject, unit in now_in(lately_registered):
                if address not in self.followed and len(self.followed) < FOLLOWED_UNITS and subject() is not None:
                    self.followed[address] = [subject, unit, None, 0, 0, 0, [], None]
        for address, state in now_in(self.followed.items()):
            subject, unit = state[0](), active.get(address, state[1])  # a greenlet of a pool works on an item
            if unit is not state[1]:
                self.close_following(state)
                state[1:3] = [unit, None]
            stack = suspended_stack(subject, unit) if subject is not None else None
            if stack != state[2] or stack is None:
                self.close_following(state)
                state[2:6] = [stack, max(self.previous, unit.wanted), at, 1]
                state[7] = unit.waits_for
            else:
                state[4] = at
                state[5] += 1
            if subject is None or is_over(subject):
                self.followed.pop(address, None)

    def close_following(self, state, at_end=False):
        """Its wait is over. It counts when the unit of work has made a request, or is cut short by the end."""
        subject, unit, stack, first, last, samples, held, resource = state
        if stack is not None and samples > 1 and last - first >= SHORTEST_BLOCK_US:
            held.append((first, last, stack, samples, resource))
        if unit.used or at_end and subject() is not None and not is_over(subject()):
            for first, last, stack, samples, resource in held:
                write_block(None, first, last, 'await', stack, samples=samples, unit=unit.tell(), resource=resource)
            del held[:]

    def what_lasts(self):
        """Exchanges that are not read and waits that go on, as lines: all that is known, should the process end now."""
        lines = [exchange_line(one) for one in now_in(pending.values())[:LASTING]]
        for thread in now_in(watched.values()):
            if thread.call is not None and thread.carries:
                what, descriptors, connections = thread.call
                what = 'getaddrinfo' if thread.frame in LOOKUPS else what
                lines.append(block_line(thread.tid, thread.first, thread.last, what, thread.stack, connections, descriptors,
                                        thread.samples, resource=thread.resource))
        units = {unit.number: unit.line() for unit in now_in(open_units.values())[:LASTING]}
        for _, unit, stack, first, last, samples, _, resource in now_in(self.followed.values()):
            if stack is not None and samples > 1:
                units.update((one.number, one.know_maker().line()) for one in unit.untold())
                lines.append(block_line(None, first, last, 'await', stack, samples=samples, unit=unit.number,
                                        resource=resource))
        return list(units.values()) + lines

    def close_all(self):
        for thread in now_in(watched.values()):
            if thread.seen is not None:
                self.close_wait(thread)
                self.close_busy(thread)
        for state in self.followed.values():
            self.close_following(state, at_end=True)
        self.followed.clear()

    def stop(self):
        """Ends the thread, and waits until the kernel too knows: Python 3.12 warns of forks with threads."""
        if not self.running:
            return
        self.stopping = True
        if self.alarm.locked():
            self.alarm.release()
        patience = 500
        while patience and (self.running or (LINUX and os.path.exists('/proc/self/task/%s' % self.tid))):
            sleep(0.001)
            patience -= 1
        self.stopping = False


sampler = Sampler()


# CPU seconds of this thread, or (before 3.7) wall time, so that looking takes but a small share of the time.
cpu_time = getattr(_time, 'thread_time', None) or (lambda: now() / 1e6)


def start_sampler():
    if not sampler.running and current_frames is not None and not trace.ended:
        sampler.running = True
        if sampler.began is None:
            sampler.began = sampler.previous = now()
        try:
            start_native_thread(sampler.loop, ())
        except Exception as error:
            sampler.running = False
            trace.trouble('sampler', error)


def release_held(thread, since):
    """The unit of work of this thread makes a request after all: what it waited for before belongs to it."""
    held, thread.held = thread.held, []
    for wait in held:
        if wait[1] >= since:
            sampler.write_wait(thread, wait)


# core/blocks.py ----------------------------------------------------------------------------------------------------
# Blocks: what a thread or a unit of work waited for, and how long.

def write_block(*args, **kwargs):
    trace.write(block_line(*args, **kwargs))


# What a call waits for. Where it is not here, only the stack can tell: 'other'.
WAIT_KINDS = dict.fromkeys(('poll', 'select', 'epoll_wait', 'kevent', 'io_uring_enter'), 'poll')
WAIT_KINDS.update((call, call) for call in ('read', 'write', 'connect', 'sleep', 'cpu'))
WAIT_KINDS.update({'wait': 'child', 'wait4': 'child', 'getaddrinfo': 'name', 'flock': 'lock'})


def unit_queue(unit):
    """What a unit waits for that is not begun."""
    lacked = unit.queued_in or unit.lacked
    if lacked is not None and unit.kind in ('thread', 'task') and lacked.kind != 'other':
        return lacked.kind
    return 'executor' if unit.kind == 'executor-item' else 'queue'


def block_line(tid, first, last, call, stack, connections=None, descriptors=None, samples=None, unit=None, wait=None,
               resource=None):
    fields = [('pid', trace.pid)]
    if tid is not None:
        fields.append(('thread', tid))
    if unit is not None:
        fields.append(('unit', unit))
    waits = {'kind': wait or WAIT_KINDS.get(call, 'other'), 'call': call}
    if connections is not None:
        waits['connections'] = connections
    if descriptors is not None:
        waits['descriptors'] = descriptors
    if resource is not None:
        waits['resource'] = resource.tell()
    fields += [('fromUs', first), ('toUs', last), ('wait', waits)]
    for name, value in (('stack', stack), ('samples', samples)):
        if value is not None:
            fields.append((name, value))
    return line_of('block', fields)


# core/kernel.py ----------------------------------------------------------------------------------------------------
# What a thread waits for in the kernel, as Linux tells it in /proc.

SYSTEM_CALLS = {
    'x86_64': {0: 'read', 1: 'write', 7: 'poll', 19: 'read', 20: 'write', 23: 'select', 34: 'pause', 35: 'sleep',
               40: 'write', 42: 'connect', 43: 'accept', 44: 'write', 45: 'read', 46: 'write', 47: 'read', 61: 'wait4',
               65: 'futex', 70: 'pause', 72: 'fcntl', 73: 'flock', 74: 'fsync', 75: 'fsync', 128: 'pause',
               202: 'futex', 220: 'futex', 230: 'sleep', 232: 'epoll_wait', 243: 'pause', 247: 'wait4', 257: 'open',
               270: 'select', 271: 'poll', 281: 'epoll_wait', 288: 'accept', 441: 'epoll_wait'},
    'aarch64': {22: 'epoll_wait', 25: 'fcntl', 32: 'flock', 56: 'open', 63: 'read', 64: 'write', 65: 'read',
                66: 'write', 71: 'write', 72: 'select', 73: 'poll', 82: 'fsync', 83: 'fsync', 95: 'wait4', 98: 'futex',
                101: 'sleep', 115: 'sleep', 202: 'accept', 203: 'connect', 206: 'write', 207: 'read', 211: 'write',
                212: 'read', 242: 'accept', 260: 'wait4', 441: 'epoll_wait'}}
system_calls = SYSTEM_CALLS.get(os.uname()[4]) if LINUX else None


def kernel_wait(tid):
    """(what, count of descriptors, connections) that the thread waits for."""
    try:
        folder = '/proc/self/task/%d/' % tid
        return wait_of(read_file(folder + 'syscall').split(), lambda: read_file(folder + 'stat'))
    except Exception:
        return 'unknown', None, None


def wait_of(words, read_stat):
    """The same, from the words of the thread's file `syscall`: 'running', or a call's number and arguments."""
    if words[0] == 'running':
        return 'cpu', None, None
    name = system_calls.get(int(words[0]))
    if name is None:
        # It sleeps in a call that the table lacks; or else it works, or waits for a CPU or for its tracer.
        state = read_stat().rpartition(')')[2].split()[0]
        return 'call ' + words[0] if state in ('S', 'D') else 'cpu', None, None
    first, second = int(words[1], 16), int(words[2], 16)
    if name == 'poll':
        return name, second, connections_of(polled(first, second))
    if name == 'select':
        descriptors = selected(first, [int(word, 16) for word in words[2:5]])
        return (name, len(descriptors), connections_of(descriptors)) if first else ('sleep', None, None)
    if name == 'epoll_wait':
        descriptors = epolled(first)
        return name, len(descriptors), connections_of(descriptors)
    if name in ('read', 'write', 'connect'):
        return name, 1, connections_of([first])
    return name, None, None


def read_file(path):
    fd = os_open(path, os.O_RDONLY)
    try:
        return read_at(fd, 65536, 0).decode('ascii', 'replace')
    finally:
        os_close(fd)


def polled(address, count):
    """The descriptors in an array of struct pollfd."""
    if not 0 < count <= 256:
        return []
    data = memory(address, 8 * count)
    return [data[at] | data[at + 1] << 8 | data[at + 2] << 16 for at in range(0, len(data), 8)]


def selected(limit, addresses):
    """The descriptors below `limit` in the fd_sets of a select."""
    found = set()
    for address in addresses:
        if address and 0 < limit <= 1024:
            for place, byte in enumerate(memory(address, (limit + 7) // 8)):
                found.update(place * 8 + bit for bit in range(8) if byte >> bit & 1)
    return sorted(found)


def memory(address, size):
    fd = os_open('/proc/self/mem', os.O_RDONLY)
    try:
        return bytearray(read_at(fd, size, address))
    finally:
        os_close(fd)


def epolled(fd):
    lines = read_file('/proc/self/fdinfo/%d' % fd).splitlines()
    return [int(line.split()[1]) for line in lines if line.startswith('tfd')]


def connections_of(descriptors):
    found = [connection_of_descriptor[fd] for fd in descriptors if fd in connection_of_descriptor]
    return found[:64] or None


# core/common_stack.py ----------------------------------------------------------------------------------------------
# A thread that computes is in another place at each look: what these stacks have in common.

LOOPS = ('_run', '_run_once', 'run_forever', 'run_until_complete', 'run', 'runUntilCurrent', 'mainLoop', 'fire_timers')


def is_same_work(one, other):
    """Whether two stacks are of the same call out of an event loop, or of no loop at all."""
    common = common_frames([one, other])
    return bool(common) and common[0]['function'] not in LOOPS


def common_frames(ids):
    """What these stacks have in common from the root, leaf first; the lines are those of the last."""
    stacks = [stack_frames.get(number, [])[::-1] for number in ids]
    depth = 0
    while all(len(stack) > depth and stack[depth]['function'] == stacks[0][depth]['function']
              and stack[depth]['file'] == stacks[0][depth]['file'] for stack in stacks):
        depth += 1
    return stacks[-1][:depth][::-1]


def common_stack(ids):
    """The id of the stack that these have in common."""
    frames = common_frames(ids)
    if not frames:
        return None
    key = tuple((frame['file'], frame['line'], frame['function']) for frame in frames)
    number = stack_ids.get(key)
    if number is None:
        number = stack_ids[key] = next(new_stack_id)
        stack_frames[number] = frames
        trace.write('{"kind":"stack","id":%d,"frames":%s}\n' % (number, dumps(frames)))
    return number


# core/suspended.py -------------------------------------------------------------------------------------------------
# Where tasks and greenlets wait that do not run.

def suspended_stack(subject, unit):
    """The stack of a task or greenlet that does not run, if it still waits to send."""
    try:
        if unit.kind == 'task':
            coroutine = coroutine_of(subject)
            if getattr(coroutine, 'cr_running', None) or getattr(coroutine, 'gi_running', None):
                return None
            if not has_begun(coroutine):
                return None  # it waits for its loop, and for nothing in its first line
            frames = coroutine_frames(coroutine)
        elif unit.kind == 'greenlet' and greenlet_frames_are_safe:
            frames = list(_frames_from(subject.gr_frame))
        else:
            return None
        frames = [frame for frame in frames if frame.f_code.co_filename != OWN_FILE]
        if not frames or (unit.waiting is not None and unit.waiting.sent is not None and not unit.waiting.done):
            return None
        return stack_of_frames(frames, unit.stack)
    except Exception:
        return None


greenlet_frames_are_safe = False


def coroutine_of(task):
    if hasattr(task, 'get_coro'):
        return task.get_coro()
    return task.coro if hasattr(task, 'coro') else task._coro


def has_begun(coroutine):
    suspended = getattr(coroutine, 'cr_suspended', None)  # since Python 3.11
    frame = getattr(coroutine, 'cr_frame', None)
    return frame is None or (frame.f_lasti != -1 if suspended is None else suspended)


def coroutine_frames(coroutine):
    frames = []
    while coroutine is not None and len(frames) < MAX_FRAMES:
        for frame, inner in (('cr_frame', 'cr_await'), ('gi_frame', 'gi_yieldfrom'), ('ag_frame', 'ag_await')):
            if hasattr(coroutine, frame):
                if getattr(coroutine, frame) is not None:
                    frames.append(getattr(coroutine, frame))
                coroutine = getattr(coroutine, inner)
                break
        else:  # the wrapper that __await__ makes, or the step of an async generator: it knows what it drives
            inner = [one for one in gc.get_referents(coroutine) if hasattr(one, 'cr_frame') or hasattr(one, 'gi_frame')
                     or hasattr(one, 'ag_frame')]
            coroutine = inner[0] if inner else None
    return frames[::-1]


def is_over(subject):
    if hasattr(subject, 'done'):
        return subject.done()
    return getattr(subject, 'dead', False) or getattr(subject, 'outcome', None) is not None


# core/environment.py -----------------------------------------------------------------------------------------------
# What this process is made of: versions, limits, and what was replaced by which module.

class EnvironmentRecord(object):
    """What this process is made of. Written when the first requests are a second old, and at the end: the last counts."""

    def __init__(self):
        self.limits = {}
        self.written = False
        self.stale = False

    def write(self):
        self.written, self.stale = True, False
        try:
            fields = [('pid', trace.pid), ('language', 'python'), ('version', python_version()),
                      ('modules', modules()), ('patches', told_by_libraries('patches')),
                      ('limits', self.all_limits())]
            trace.write(line_of('environment', fields))
        except Exception as error:
            trace.trouble('environment', error)

    def all_limits(self):
        found = []
        for kind, name, value, where, blocks in list(self.limits):
            limit = {'kind': kind, 'size': value, 'of': name}
            if blocks is not None:
                limit['blocks'] = blocks
            if where:
                limit['setAt'] = where
            found.append(limit)
        return found + told_by_libraries('limits')


environment = EnvironmentRecord()


tellers = {'limits': [], 'patches': []}


def tells(what):
    """For a function whose list is added to the record: a library's patches, or its limits."""
    def decorate(function):
        tellers[what].append(function)
        return function
    return decorate


def told_by_libraries(what):
    found = []
    for teller in tellers[what]:
        try:
            found += teller()
        except Exception as error:
            trace.trouble('%s of %s' % (what, teller.__name__), error)
    return found


@tells('limits')
def open_files():
    resource = sys.modules.get('resource')
    if resource is None:
        try:
            import resource
        except ImportError:
            return []
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return [{'kind': 'open-files', 'size': files, 'of': 'open files'}] if 0 < files < 1 << 31 else []


def remember_limit(kind, name, value, where=None, blocks=None):
    if isinstance(value, WHOLE) and value < 1 << 31 and len(environment.limits) < 200:
        key = (kind, name, value, where, blocks)
        if key not in environment.limits:
            environment.limits[key] = True
            environment.stale = True


RESOURCE_TYPES = {'permits': 'semaphore', 'workers': 'executor', 'rate': 'rate', 'connections': 'connection-pool'}
NAME_THEIR_OWN = ('httpcore', 'urllib3')  # libraries whose parts here name their limits


def remember_size(owner, kind, name, argument, default):
    """The sizes of semaphores and the like, where somebody makes them."""
    def made(self, *args, **kwargs):
        value = kwargs.get(argument, args[0] if args else default)
        frame = outside()
        if value and not any(name in frame.f_code.co_filename for name in NAME_THEIR_OWN):
            remember_limit(kind, name, value, users_line(frame))
        new_resource(self, RESOURCE_TYPES[kind], class_name(type(self)), value)
    wrap(owner, '__init__', made)


# core/modules.py ---------------------------------------------------------------------------------------------------
# The installed modules that are loaded, and their versions.

DISTRIBUTIONS = {'OpenSSL': 'pyOpenSSL', 'twisted': 'Twisted', 'scrapy': 'Scrapy', 'dns': 'dnspython',
                 'flask': 'Flask', 'werkzeug': 'Werkzeug', 'yarl': 'yarl'}


def python_version():
    name = getattr(getattr(sys, 'implementation', None), 'name', 'cpython')
    version = '.'.join(str(part) for part in sys.version_info[:3])
    return version if name == 'cpython' else '%s (%s)' % (version, name)


def modules():
    """The installed modules that are loaded: name, version, folder."""
    found = []
    for name, module in sorted(now_in(sys.modules.items()), key=lambda item: item[0]):
        if '.' in name or module is None or name.startswith('_'):
            continue
        where = vars(module).get('__file__') if hasattr(module, '__dict__') else None
        if not where or not ('site-packages' in where or 'dist-packages' in where):
            continue
        described = {'name': DISTRIBUTIONS.get(name, name), 'where': module_folder(where)}
        version = version_of(name)
        if version:
            described['version'] = version
        found.append(described)
    return found


def module_folder(where):
    folder = os.path.dirname(where)
    return folder if os.path.basename(where).startswith('__init__') else where


def version_of(name):
    module = sys.modules.get(name)
    if module is None:
        return None
    where = vars(module).get('__file__') or ''
    installed = installed_versions(os.path.dirname(module_folder(where)))
    version = installed.get(plain_name(DISTRIBUTIONS.get(name, name)))
    for attribute in ('__version__', 'version', 'VERSION'):
        version = version or vars(module).get(attribute)
    return text_of(version) if isinstance(version, (str, TEXT)) and version[:1].isdigit() else None


def plain_name(name):
    return name.lower().replace('-', '_').replace('.', '_')


_versions_of_folder = {}


def installed_versions(folder):
    """Names and versions of the distributions in a folder, from the names of their metadata."""
    if folder not in _versions_of_folder:
        found = _versions_of_folder[folder] = {}
        try:
            for entry in os.listdir(folder):
                if entry.endswith(('.dist-info', '.egg-info')):
                    name, _, version = entry.rpartition('.')[0].partition('-')
                    found[plain_name(name)] = version.partition('-')[0]
        except OSError:
            pass
    return _versions_of_folder[folder]


# core/patches.py ---------------------------------------------------------------------------------------------------
# Which functions of the standard library were replaced, by which module, and which modules still hold the old ones.

PATCHABLE = {'socket': ('socket', 'create_connection', 'getaddrinfo'), 'ssl': ('SSLContext', 'SSLSocket', 'wrap_socket'),
             'select': ('select', 'poll', 'epoll'), 'time': ('sleep',), 'threading': ('Lock', 'local'),
             'thread': ('start_new_thread', 'allocate_lock'), '_thread': ('start_new_thread', 'allocate_lock'),
             'os': ('fork',), 'subprocess': ('Popen',), 'queue': ('Queue', 'SimpleQueue'),
             'selectors': ('DefaultSelector',)}


importers = {}  # module -> 'file:line' of the first import


def remember_importer(module):
    """Which line imports a module that patches others."""
    frame = outside()
    while frame is not None and ('importlib' in frame.f_code.co_filename or frame.f_code.co_filename == OWN_FILE):
        frame = frame.f_back
    if frame is not None:
        importers[module.__name__] = place_of(frame)


def patch_of(target, by, version, where):
    patch = {'target': target, 'by': by}
    if version:
        patch['version'] = version
    if where:
        patch['at'] = where
    return patch


def patched_modules(by, where, saved_of):
    found = []
    for name in sorted(PATCHABLE):
        module = sys.modules.get(name)
        if module is None:
            continue
        saved = saved_of(name)
        left = [item for item in PATCHABLE[name] if hasattr(module, item) and item not in saved]
        patch = patch_of(name, by, version_of(by), where)
        if not saved:
            patch['replacement'] = None
        if left:
            patch['left'] = ['%s.%s' % (name, item) for item in left]
        stale = holders(name, saved) if isinstance(saved, dict) else []
        if stale:
            patch['heldBy'] = stale
        found.append(patch)
    return found


def holders(name, saved):
    """'module.name' that still hold what was replaced in a standard module: they took it before the patch."""
    interesting = {id(value): item for item, value in saved.items() if item in PATCHABLE.get(name, ())}
    found = []
    for module_name, module in now_in(sys.modules.items()):
        where = vars(module).get('__file__') if hasattr(module, '__dict__') else None
        if not where or module_name.startswith(('gevent', 'eventlet', 'abreast')) or where.startswith(OWN_FILE):
            continue
        if is_library(where) and 'site-packages' not in where and 'dist-packages' not in where:
            continue
        for attribute, value in now_in(vars(module).items()):
            if id(value) in interesting:
                found.append('%s.%s' % (module_name, attribute))
    return sorted(found)[:20]


# core/wrap.py ------------------------------------------------------------------------------------------------------
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


# What Python 3 alone can parse. install() compiles it there.
ASYNC = '''
# core/wrap_async.py ------------------------------------------------------------------------------------------------
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


# libraries/httpcore_async.py ---------------------------------------------------------------------------------------
# httpcore tells an asynchronous request's events to a coroutine.

class AsyncHttpcoreEvents(HttpcoreEvents):
    async def __call__(self, name, info):
        self.event(name, info)
        if self.users is not None:
            await self.users(name, info)
'''


# core/handed.py ----------------------------------------------------------------------------------------------------
# Functions that are handed to a pool remember when and where that was.

class Handed(object):
    """A function handed to a pool, which remembers when and where that was."""

    def __init__(self, function, unit):
        self.function, self.unit = function, unit
        for name in ('__name__', '__doc__', '__module__'):
            if hasattr(function, name):
                setattr(self, name, getattr(function, name))

    def __call__(self, *args, **kwargs):
        unit = Unit(self.unit.kind, self.unit.wanted, self.unit.stack, self.unit.parent, self.unit.made)
        unit.queued_in = self.unit.queued_in
        before = begin_item(unit)
        try:
            return self.function(*args, **kwargs)
        except BaseException as error:
            leave_no_frame(error)
            raise
        finally:
            end_item(before)


def carry_function(owner, name, kind, concerns=lambda pool: True):
    """owner.name(pool, function, ...) hands over a function for every item of something."""
    original = vars(owner).get(name)
    if original is None:
        return

    def wrapper(pool, function, *args, **kwargs):
        if exchanges_expected and not isinstance(function, Handed) and callable(function):
            try:
                if concerns(pool):
                    function = Handed(function, hand_over(kind))
                    function.unit.queued_in = known_resource(pool)
            except Exception as error:
                trace.trouble(name, error)
        return original(pool, function, *args, **kwargs)
    _install(owner, name, original, wrapper)


def begin_item(unit):
    """This unit is worked on from here on: by the task that runs here, or else by the thread or greenlet."""
    key = None if current_task() is None else own_unit()
    if key is None:
        key = here()
        before = active.get(key)
        active[key] = unit
    else:
        before, key.item = key.item, unit
    thread = watch_thread()
    thread.seen = thread.call = None  # what it waited for until now was work
    del thread.held[:]
    unit.started, unit.thread = now(), thread.tid
    return key, before


def end_item(state):
    if state is not None:
        key, before = state
        is_task = isinstance(key, Unit)
        unit = key.item if is_task else active.get(key)
        if unit is not None and unit.kind != 'callback':  # which continues when its call has returned
            unit.ends()
        if is_task:
            key.item = before
        elif before is None:
            active.pop(key, None)
        else:
            active[key] = before


# core/shared.py ----------------------------------------------------------------------------------------------------
# When work was handed to worker processes. A process shares these times with its workers in a file beside the trace, so
# that it works for each start method of multiprocessing: fork, spawn and forkserver.

SHARED_SLOTS, SLOT_BYTES = 4096, 24
shared_times = {}  # (pid of the process that hands over, name) -> memory


def shared_path(pid, name):
    return os.path.join(os.path.dirname(trace.pattern), '.abreast-%d-%s' % (pid, name))


def share_times(pid, name, how=0):
    """The memory of a process for this kind of pool. @param how: os.O_CREAT in that process"""
    found = shared_times.get((pid, name))
    if found is None:
        import mmap
        fd = os_open(shared_path(pid, name), os.O_RDWR | how, 0o600)
        try:
            if how:
                os.ftruncate(fd, SHARED_SLOTS * SLOT_BYTES)
            found = shared_times[pid, name] = mmap.mmap(fd, SHARED_SLOTS * SLOT_BYTES)
        finally:
            os_close(fd)
    return found


def tell_workers(name, number):
    """The item of work of this number is handed over now."""
    shared = share_times(os_getpid(), name, os.O_CREAT | os.O_TRUNC)
    at = number % SHARED_SLOTS * SLOT_BYTES
    shared[at:at + SLOT_BYTES] = ('%07x%017x' % (number & 0xfffffff, clock.started_us + now())).encode('ascii')


def told_to_workers(owner, name, number):
    """When the item of this number was handed over by the process `owner`, or None."""
    try:
        shared = share_times(owner, name)
    except EnvironmentError:  # it has not handed over anything that is told
        return None
    at = number % SHARED_SLOTS * SLOT_BYTES
    text = shared[at:at + SLOT_BYTES].strip(b'\0')
    if len(text) != SLOT_BYTES or int(text[:7], 16) != number & 0xfffffff:
        return None
    return max(0, int(text[7:], 16) - clock.started_us)  # each process has a time of its own


def forget_shared():
    """At the end of a process that handed over."""
    for pid, name in list(shared_times):
        if pid == os_getpid():
            os.unlink(shared_path(pid, name))


def owner_of_workers():
    """The process whose worker this one is: under a server of forks it is not its parent."""
    process = sys.modules.get('multiprocessing.process')
    current = process and process.current_process()
    return getattr(current, '_parent_pid', None) or os.getppid()


def takes_items(queue, results, name, number_of):
    """In a worker process: each item that it gets from `queue` is a unit of work, until its result is put to `results`."""
    get, put, last, owner = queue.get, results.put, [], owner_of_workers()

    def end_last():
        try:
            while last:
                last.pop().ends()
        except Exception as error:
            trace.trouble('item of ' + name, error)

    def got(*args, **kwargs):
        end_last()
        item = get(*args, **kwargs)
        try:
            number = number_of(item)
            wanted = None if number is None else told_to_workers(owner, name, number)
            if wanted is not None:
                last.append(Unit('executor-item', wanted, None, None, wanted))
                active.pop(here(), None)
                begins_item(last[0])
        except Exception as error:
            trace.trouble('item of ' + name, error)
        return item

    def put_result(*args, **kwargs):
        end_last()
        trace.flush()  # now: a program that has all results may kill its workers at once
        return put(*args, **kwargs)
    queue.get, results.put = got, put_result


# libraries/threading.py --------------------------------------------------------------------------------------------
# Threads, and the sizes of semaphores.
# supports: threading Python 2.7, 3.6-3.14

@when_imported('threading')
def hook_threading(module):
    def starts(thread, *_):
        if not exchanges_expected:
            return
        thread._abreast = hand_over('thread')

    def begins(thread, *_):
        before = watched.get(native_ident())
        if before is not None and before.tid != thread_id():
            del watched[before.ident]  # a thread that has ended had the same ident
        unit = thread.__dict__.pop('_abreast', None)
        if unit is None:
            return None
        key = here()
        active[key] = unit
        unit.started, unit.thread = now(), watch_thread().tid
        return key, unit

    def ends(state, *_):
        if state is not None:
            key, unit = state
            active.pop(key, None)
            if unit.item is not None:
                unit.item.ends()
            unit.ends()
    wrap(module.Thread, 'start', starts)
    wrap(module.Thread, 'join', None, learns)
    wrap(module.Thread, '_bootstrap_inner', begins, ends)
    wrap(module.Thread, '_Thread__bootstrap_inner', begins, ends)


@when_imported('threading')
def hook_threading_semaphore(module):
    if isinstance(getattr(module, 'Semaphore', None), type):
        remember_size(module.Semaphore, 'permits', 'threading.Semaphore', 'value', 1)
        watch_permits(module.Semaphore, 'semaphore', wrap)


@when_imported('threading')
def hook_threading_conditions(module):
    for name in ('Condition', 'Event', 'Barrier'):
        kind = getattr(module, name, None)
        if isinstance(kind, type):
            wrap(kind, 'wait', lambda subject, *_, **__: wants(subject, 'other'), leaves_alone)


def leaves_alone(state, *_):
    """A wait for what another unit does: nothing was wanted meanwhile."""
    if state is not None:
        _, waiter, before, _ = state
        waiter.waits_for = before


# libraries/multiprocessing.py --------------------------------------------------------------------------------------
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


# libraries/queue.py ------------------------------------------------------------------------------------------------
# What a worker takes from a queue is a unit of work of its own, wanted since it was put there.
# supports: queue Python 2.7, 3.6-3.14; asyncio.Queue Python 3.6-3.14

MOST_QUEUED = 10000  # items of a queue that are known at once
# Modules whose queues hold no work of the program: a part knows what they do, or they make no requests.
NO_WORK_QUEUES = ('anyio', 'concurrent', 'asgiref', 'urllib3', 'logging')


class QueuedItems(object):
    """The Units of what lies in a queue, by the address of each item."""

    def __init__(self):
        self.units = {}
        self.count = 0
        self.taken = deque(maxlen=50)  # references to what came out lately: if it is put back, the queue is a pool
        self.is_pool = False

    def put(self, item, unit):
        if not self.is_pool and any(told() is item for told in now_in(self.taken)):
            self.is_pool = True
            self.units.clear()
        if not self.is_pool and self.count < MOST_QUEUED:
            self.units.setdefault(id(item), deque()).append(unit)
            self.count += 1

    def get(self, item):
        if not self.is_pool:
            self.remember(item)
        units = self.units.get(id(item))
        if not units:
            return None
        self.count -= 1
        unit = units.popleft()
        if not units:
            del self.units[id(item)]
        return None if self.is_pool else unit

    def remember(self, item):
        """By a reference, since the next item may lie at the same address. Numbers and texts are no items of a pool."""
        try:
            self.taken.append(_ref(item))
        except TypeError:
            if type(item) is object:  # a token
                self.taken.append(lambda: item)


def items_of(queue):
    items = queue.__dict__.get('_abreast')
    if items is None:
        items = queue.__dict__['_abreast'] = QueuedItems()
    return items


def is_work_queue():
    """Whether this code uses its queue for work: not inside a call, and not in one of those modules."""
    if not exchanges_expected or call_key() in open_call:
        return False
    names = (outside().f_globals.get('__name__') or '').split('.')
    return not any(name in names for name in NO_WORK_QUEUES)


def is_put(queue, item, *_, **__):
    if not is_work_queue():
        return None
    unit = hand_over('queue-item')
    unit.queued_in = resource_of(queue, 'queue', getattr(queue, 'maxsize', 0) or None)
    state = wants(queue, 'queue') if (getattr(queue, 'maxsize', None) or 0) > 0 else None
    items_of(queue).put(item, unit)
    return state


def was_put(state, result, error):
    is_got(state, result, error)


def is_taken(queue, *_, **__):
    if not is_work_queue():
        return None
    ends_item()
    return queue, None if getattr(queue, '_qsize', queue.qsize)() else wants(queue, 'queue')


def was_taken(state, item, error):
    if state is None:
        return
    queue, waiting = state
    leaves_alone(waiting)
    if error is not None or '_abreast' not in queue.__dict__ or call_key() in open_call:
        return
    unit = items_of(queue).get(item)
    if unit is not None:
        begins_item(unit)
    elif own_unit() is not None:
        own_unit().used = True  # its requests are wanted when they are called


def is_awaited(queue, *_, **__):
    return None if not is_work_queue() or queue.qsize() else wants(queue, 'queue')


def ends_item():
    """The worker looks for its next item: the one before is done."""
    unit = current_unit()
    if unit is None or unit.kind != 'queue-item':
        return
    worker = own_unit()
    if worker is unit:
        active.pop(here(), None)
    else:
        worker.item = None
    unit.ends()


def begins_item(unit):
    worker = own_unit()
    if worker is None:
        active[here()] = unit
    else:
        worker.item = unit
    thread = watch_thread()
    thread.seen = thread.call = None
    del thread.held[:]
    unit.started, unit.thread = now(), thread.tid
    begins_anew()


def wrap_queue(kind):
    wrap(kind, 'put', is_put, was_put)
    wrap(kind, 'get', is_taken, was_taken)


@when_imported('queue', 'Queue')
def hook_queues(module):
    wrap_queue(module.Queue)
    wrap(module.Queue, 'join', lambda queue: wants(queue, 'queue'), leaves_alone)


@when_imported('asyncio.queues')
def hook_asyncio_queues(module):
    def puts_now(queue, item, *_, **__):
        if '_abreast' not in queue.__dict__ or not items_of(queue).units.get(id(item)):  # put() calls it too
            leaves_alone(is_put(queue, item))

    wrap_async(module.Queue, 'put', is_put, was_put)
    wrap(module.Queue, 'put_nowait', puts_now)
    wrap_async(module.Queue, 'get', is_awaited, leaves_alone)
    wrap(module.Queue, 'get_nowait', is_taken, was_taken)


# libraries/futures.py ----------------------------------------------------------------------------------------------
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


# libraries/asyncio.py ----------------------------------------------------------------------------------------------
# Tasks of event loops, name look-ups, and the sizes of semaphores.
# supports: asyncio Python 3.6-3.14; uvloop 0.x

@when_imported('asyncio.base_events')
def hook_event_loop(module):
    wrap_create_task(module.BaseEventLoop)

    def looks_up(*_, **__):
        exchange = open_exchange.get(id(current_task()))
        return exchange, now()

    def looked_up(state, *_):
        exchange, began = state
        if exchange is not None:
            exchange.connecting = exchange.connecting or Route()
            exchange.connecting.dns_from, exchange.connecting.dns_to = began, now()
    if sys.version_info >= (3, 7):
        wrap_async(module.BaseEventLoop, 'getaddrinfo', looks_up, looked_up)


@when_imported('uvloop')
def hook_uvloop(module):
    def create_task(self, *args, **kwargs):
        return super(module.Loop, self).create_task(*args, **kwargs)
    module.Loop.create_task = create_task
    wrap_create_task(module.Loop)


def wrap_create_task(loop_class):
    original = loop_class.create_task

    def create_task(self, *args, **kwargs):
        ident = unit = None
        if exchanges_expected:
            try:
                unit = continued_unit(outside()) or hand_over('task')
                ident = native_ident()
                before = handing_over.get(ident)
                handing_over[ident] = unit
            except Exception as error:
                trace.trouble('create_task', error)
        try:
            task = original(self, *args, **kwargs)
        finally:
            if ident is not None:
                if before is None:
                    handing_over.pop(ident, None)
                else:
                    handing_over[ident] = before
        if unit is not None:
            try:
                register(task, unit)
            except Exception as error:
                trace.trouble('create_task', error)
        return task
    _install(loop_class, 'create_task', original, create_task)


def continued_unit(frame):
    """Before 3.12, wait_for makes a task of its own: it continues the work of the task that called it."""
    for _ in range(3):
        if frame is None:
            return None
        code = frame.f_code
        if code.co_name in ('wait_for', 'shield') and 'asyncio' in code.co_filename:
            return current_unit()
        frame = frame.f_back
    return None


@when_imported('asyncio.events')
def hook_handles(module):
    loop_codes.add(id(module.Handle._run.__code__))


@when_imported('asyncio.tasks')
def hook_tasks(module):
    global running_loop, task_of_loop
    events = sys.modules.get('asyncio.events')
    task_of_loop = getattr(module, 'current_task', None) or module.Task.current_task
    running_loop = events._get_running_loop


@when_imported('asyncio.locks')
def hook_asyncio_locks(module):
    remember_size(module.Semaphore, 'permits', 'asyncio.Semaphore', 'value', 1)
    watch_permits(module.Semaphore, 'semaphore', wrap_async)
    watch_permits(module.Lock, 'lock', wrap_async)

    def makes_lock(lock, *_, **__):
        new_resource(lock, 'lock', 'asyncio.Lock', 1)
    wrap(module.Lock, '__init__', makes_lock)


# libraries/anyio.py ------------------------------------------------------------------------------------------------
# Semaphores, locks and limiters, and what goes to threads.
# supports: anyio 3.x-4.x

@when_imported('anyio._core._synchronization')
def hook_anyio(module):
    remember_size(module.Semaphore, 'permits', 'anyio.Semaphore', 'initial_value', None)
    for kind, name in (('Semaphore', 'semaphore'), ('Lock', 'lock')):
        watch_permits(getattr(module, kind), name, wrap_async)


@when_imported('anyio._backends._asyncio')
def hook_anyio_asyncio(module):
    remember_size(module.CapacityLimiter, 'permits', 'anyio.CapacityLimiter total_tokens', 'total_tokens', None)
    for kind, name in (('Semaphore', 'semaphore'), ('Lock', 'lock'), ('CapacityLimiter', 'semaphore')):
        if getattr(getattr(module, kind, None), '__module__', None) == module.__name__:
            watch_permits(getattr(module, kind), name, wrap_async)


@when_imported('anyio.to_thread')
def hook_anyio_to_thread(module):
    """What goes to a thread is wanted when it is handed over, though it waits for the limiter before."""
    original = module.run_sync

    def run_sync(function, *args, **kwargs):
        if exchanges_expected and callable(function):
            try:
                unit = hand_over('executor-item')
                limiter = kwargs.get('limiter')
                if limiter is None:
                    limiter = module.current_default_thread_limiter()
                    remember_limit('workers', 'anyio default thread limiter', whole(limiter.total_tokens))
                unit.queued_in = resource_of(limiter, 'semaphore')
                unit.queued_in.capacity = whole(limiter.total_tokens)
                function = Handed(function, unit)
            except Exception as error:
                trace.trouble('anyio.to_thread.run_sync', error)
        return original(function, *args, **kwargs)
    _install(module, 'run_sync', original, run_sync)


# libraries/trio.py -------------------------------------------------------------------------------------------------
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


# libraries/aiolimiter.py -------------------------------------------------------------------------------------------
# Rates.
# supports: aiolimiter 1.x

@when_imported('aiolimiter.leakybucket')
def hook_aiolimiter(module):
    remember_size(module.AsyncLimiter, 'rate', 'aiolimiter.AsyncLimiter max_rate', 'max_rate', None)
    wrap_async(module.AsyncLimiter, 'acquire', lambda limiter, *_, **__: wants(limiter, 'rate'), is_got)


# libraries/dns.py --------------------------------------------------------------------------------------------------
# How long a connection waits for its name.
# supports: socket.getaddrinfo Python 2.7, 3.6-3.14

connecting_here = {}  # here() -> Route that is being opened


def wrap_lookup(owner, name='getaddrinfo'):
    def began(*_, **__):
        return now()

    def ended(began, *_):
        route = connecting_here.get(here())
        if route is not None:
            route.dns_from = began if route.dns_from is None else route.dns_from
            route.dns_to = now()
    wrap(owner, name, began, ended)


@when_imported('socket')
def hook_socket(module):
    wrap_lookup(module)


# libraries/sockets.py ----------------------------------------------------------------------------------------------
# Requests that no other part knows of: heads of HTTP/1.1 that go over a socket, by whatever client.
# supports: socket Python 3.6-3.14; ssl Python 3.6-3.14

def wrap_inherited(owner, name, before=None, after=None):
    """As wrap(), for a method that a class of Python has from one of C."""
    original = getattr(owner, name, None)
    if original is None or getattr(original, '_abreast', False):
        return

    def wrapper_before(self, *args, **named):
        try:
            before(self, *args, **named)
        except Exception as error:
            trace.trouble('before ' + name, error)
        return original(self, *args, **named)

    def wrapper_after(self, *args, **named):
        result = original(self, *args, **named)
        if id(self) in wires:
            try:
                after(self, result, *args, **named)
            except Exception as error:
                trace.trouble('after ' + name, error)
        return result
    _install(owner, name, original, wrapper_before if after is None else wrapper_after)


def received(owner, data, size=None, flags=0, **_):
    if not flags:
        bytes_came(owner, data)


def received_into(owner, count, buffer=None, size=0, flags=0, **_):
    if not flags and buffer is not None:
        bytes_came(owner, bytes(memoryview(buffer).cast('B')[:count]))


def decrypted(owner, result, size=None, buffer=None, **_):
    bytes_came(owner, bytes(result) if buffer is None else bytes(memoryview(buffer).cast('B')[:result]))


def wrap_reads():
    """From the first request on that no other part knows of: until then reading costs nothing."""
    if not reads_wrapped:
        reads_wrapped.append(True)
        for wrap_them in sockets_that_read:
            wrap_them()


def reads_by(wrap_them):
    if reads_wrapped:
        wrap_them()
    else:
        sockets_that_read.append(wrap_them)


@when_imported('socket', 'gevent._socket3')
def hook_raw_sockets(module):
    if PY2:
        return  # its sockets get their methods one by one
    expect_sockets()
    wrap_inherited(module.socket, 'send', bytes_go)
    if module.__name__ == 'socket':  # gevent's calls send()
        wrap_inherited(module.socket, 'sendall', bytes_go)
    wrap_inherited(module.socket, 'sendmsg', buffers_go)
    wrap(module.socket, 'close', wire_closes)

    def wrap_them():
        wrap_inherited(module.socket, 'recv', None, received)
        wrap_inherited(module.socket, 'recv_into', None, received_into)
    reads_by(wrap_them)


@when_imported('ssl', 'gevent.ssl')
def hook_raw_tls(module):
    if PY2:
        return
    wrap(module.SSLSocket, 'send', bytes_go)
    if hasattr(module, 'SSLObject'):
        wrap(module.SSLObject, 'write', plain_text_goes)

    def wrap_them():
        wrap_inherited(module.SSLSocket, 'read', None, decrypted)
        if hasattr(module, 'SSLObject'):
            wrap_inherited(module.SSLObject, 'read', None, decrypted)
    reads_by(wrap_them)


# libraries/http_client.py ------------------------------------------------------------------------------------------
# Requests, also those of other libraries that are built on it.
# supports: http.client Python 3.6-3.14; httplib Python 2.7

@when_imported('http.client', 'httplib', 'eventlet.green.http.client')
def hook_http_client(module):
    expect_exchanges()
    connection, response = module.HTTPConnection, module.HTTPResponse
    wrap_connect(connection)
    wrap_connect(module.HTTPSConnection)
    wrap(connection, 'putrequest', request_begins)
    wrap(connection, 'send', request_goes, request_gone)
    wrap(connection, 'getresponse', answer_awaited, answer_begun)
    wrap(connection, 'close', connection_closes)
    wrap(response, 'read', lambda response, *_, **__: response, answer_read)
    if '_close_conn' in vars(response):
        wrap(response, 'close', answer_closes)
        wrap(response, '_close_conn', answer_ends)
    else:
        wrap(response, 'close', answer_ends)


def route_of(connection):
    route = connection.__dict__.get('_abreast')
    if route is None:
        route = connection.__dict__['_abreast'] = Route()
        wrap_connect_of_subclasses(type(connection) if not PY2 else connection.__class__)
    return route


def is_https(connection):
    return getattr(connection, 'default_port', 80) == 443 or 'HTTPS' in connection.__class__.__name__


def target_origin(connection):
    """The origin that a request over this connection is for: behind a tunnel it is not the peer."""
    host = getattr(connection, '_tunnel_host', None)
    if host:
        return origin_of('https', host, connection._tunnel_port)
    return origin_of('https' if is_https(connection) else 'http', connection.host, connection.port)


connect_wrapped = set()


def wrap_connect_of_subclasses(kind):
    if kind in connect_wrapped:
        return
    connect_wrapped.add(kind)
    for base in mro_of(kind):
        if 'connect' in vars(base) and base is not object:
            wrap_connect(base)


def mro_of(kind):
    if hasattr(kind, '__mro__'):
        return kind.__mro__
    return (kind,) + sum((mro_of(base) for base in kind.__bases__), ())  # an old class of 2.7


def wrap_connect(kind):
    wrap(kind, 'connect', connect_begins, connect_ends)
    wrap(kind, '_new_conn', lambda self, *_, **__: self, tcp_stands)


def connect_begins(connection, *_, **__):
    route = route_of(connection)
    route.depth += 1
    if route.depth == 1:
        key = here()
        exchange = open_exchange.get(key) or route.exchange
        if exchange is not None and exchange.sent is not None:
            exchange = None
        passes(exchange, 'dispatched')
        route.exchange = exchange
        route.connecting, route.tcp, route.dns_from, route.dns_to = now(), None, None, None
        connecting_here[key] = route
    return connection, route


def tcp_stands(connection, _, error):
    if error is None:
        route_of(connection).tcp = now()


def connect_ends(state, _, error):
    if state is None:
        return
    connection, route = state
    route.depth -= 1
    if route.depth > 0:
        if error is None and route.tcp is None:
            route.tcp = now()
        return
    connecting_here.pop(here(), None)
    exchange = route.exchange
    if error is not None:
        if exchange is not None:
            finish(exchange, error_name(error))
        return
    scheme = 'https' if is_https(connection) and not getattr(connection, '_tunnel_host', None) else 'http'
    route.origin = origin_of(scheme, connection.host, connection.port)
    write_connection(route, connection.sock)
    if exchange is not None and not exchange.done:
        passes(exchange, 'connected')
        rides(exchange, route)


def request_begins(connection, method, url, *_, **__):
    route = route_of(connection)
    key = here()
    exchange = open_exchange.get(key)
    if exchange is None or exchange.sent is not None or exchange.done:
        exchange = route.exchange
        if exchange is None or exchange.sent is not None or exchange.done:
            exchange = new_exchange(key)
    route.exchange = exchange
    where_to_target(exchange, method, target_origin(connection), url)
    passes(exchange, 'dispatched')
    if connection.sock is not None:
        if route.id is None:  # a class whose connect() was not wrapped yet has opened it, as that of httplib2
            route.origin = target_origin(connection)
            write_connection(route, connection.sock)
        passes(exchange, 'connected')
        rides(exchange, route)


def request_goes(connection, *_, **__):
    route = connection.__dict__.get('_abreast')
    if route is None or route.depth or route.exchange is None or route.exchange.sent is not None:
        return None
    if connection.sock is not None:
        passes(route.exchange, 'sent')
    return route


def request_gone(route, _, error):
    if route is None:
        return
    exchange = route.exchange
    if error is not None:
        finish(exchange, error_name(error))
    elif exchange is not None and exchange.sent is None:  # send() connected first
        exchange.sent = exchange.connected if exchange.connected is not None else now()


def answer_awaited(connection, *_, **__):
    return connection


def answer_begun(connection, response, error):
    route = connection.__dict__.get('_abreast')
    exchange = route and route.exchange
    if exchange is None or exchange.done:
        return
    if error is not None:
        if not isinstance(error, TypeError):  # urllib3 1.x tries buffering=True first, and means it
            finish(exchange, error_name(error))
        return
    passes(exchange, 'answered')
    exchange.status = response.status
    exchange.handled = id(sys.exc_info()[1])
    headers = headers_of(response)
    look_at_headers(exchange, headers)
    if not exchange.by_pool and not headers.get('Content-Encoding'):
        response.__dict__['_abreast_told'] = exchange
    route.exchange = None
    if open_exchange.get(here()) is exchange:
        open_exchange.pop(here(), None)
    response.__dict__['_abreast'] = (exchange, route)
    if response.length == 0 or response.fp is None:
        exchange.is_looked_at = True
        answer_ends(response)


def headers_of(response):
    """urllib.request puts the reason in the place of `msg`."""
    headers = response.__dict__.get('headers')
    return response.msg if headers is None else headers


def answer_read(response, data, error):
    """Each piece that was read; all of them are looked at when the body is whole."""
    exchange = response.__dict__.get('_abreast_told')
    if exchange is None or error is not None:
        return
    exchange.body = exchange.body or Body()
    exchange.body.add(data)
    if response.isclosed():
        answer_whole(response)


def answer_whole(response):
    exchange = response.__dict__.pop('_abreast_told', None)
    if exchange is not None and exchange.body is not None:
        body, exchange.body = exchange.body, None
        look_at(exchange, headers_of(response), body.whole())


def answer_closes(response, *_, **__):
    if '_abreast' in response.__dict__:
        response.__dict__['_abreast_closes'] = True


def answer_ends(response, *_, **__):
    """The body is read, or nobody will read it."""
    found = response.__dict__.pop('_abreast', None)
    if found is None:
        return
    exchange, route = found
    if isinstance(response.length, WHOLE):
        unread = response.length > 0
    else:  # urllib3 reads chunks past the response
        unread = exchange.left is not None and getattr(response, 'chunk_left', None) == 'UNKNOWN'
    error = failure_meanwhile(exchange) if unread else None
    if unread and not PY2 and '_abreast_closes' not in response.__dict__:
        error = error or 'IncompleteRead'  # the peer closed, and http.client ends the body silently
    if unread and error is None:
        end_unread(exchange)
    else:
        finish(exchange, error)
    if route.closing:
        route.closing = False
        close_connection(route)


def connection_closes(connection, *_, **__):
    route = connection.__dict__.get('_abreast')
    if route is None or route.id is None or route.depth:
        return
    # An answer without length is read until the end, after its connection object has been closed.
    if any(one.route is route and one.answered is not None for one in now_in(pending.values())[-200:]):
        route.closing = True
    else:
        close_connection(route)


# libraries/urllib3.py ----------------------------------------------------------------------------------------------
# Calls, retries and pools. Requests and pip carry copies of their own.
# supports: urllib3 1.24-2.x

@when_imported('urllib3.connectionpool', 'requests.packages.urllib3.connectionpool', 'pip._vendor.urllib3.connectionpool',
               'botocore.vendored.requests.packages.urllib3.connectionpool', 'urllib3_future.connectionpool')
def hook_urllib3(module):
    wrap_pool_of_urllib3(module.HTTPConnectionPool, wrap, here)


@when_imported('urllib3._async.connectionpool', 'urllib3_future._async.connectionpool')
def hook_urllib3_async(module):
    wrap_pool_of_urllib3(module.AsyncHTTPConnectionPool, wrap_async, call_key)


def wrap_pool_of_urllib3(kind, wrap_step, key_here):
    def called(pool, method, url, *_, **options):
        key = key_here()
        call = enter_call(key)
        exchange = new_exchange(key)
        # Who calls the pool and reads the answer itself, as botocore does, gets the body in pieces.
        exchange.by_pool = call is None or options.get('preload_content', True)
        outer = open_exchange.get(key)
        open_exchange[key] = exchange
        origin = origin_of(pool.scheme, pool.host, pool.port)
        where_to_target(exchange, method, origin, url)
        return key, call, exchange, outer

    def returned(state, response, error):
        if state is None:
            return
        key, call, exchange, outer = state
        body = getattr(response, '_body', None)
        if isinstance(body, bytes):
            look_at(exchange, response.headers, body)
        if error is not None and exchange.answered is None:
            finish(exchange, error_name(error))
        if open_exchange.get(key) is exchange:
            open_exchange.pop(key, None)
        leave_call(key, call, error)

    def wants_connection(pool, *_, **__):
        return wants(pool, 'connection-pool') if pool.block else None

    def got_connection(state, connection, error):
        is_got(state, connection, error)
        if error is None:
            passes(open_exchange.get(key_here()), 'dispatched')

    def made(pool, *_, **__):
        new_resource(pool, 'connection-pool', class_name(type(pool)), None)
        return pool, users_line(outside())

    def sized(state, _, error):
        pool, line = state
        if error is None and pool.pool is not None:
            resource_of(pool, 'connection-pool').capacity = whole(pool.pool.maxsize) if pool.block else None
            remember_limit('connections', 'urllib3 pool_maxsize', pool.pool.maxsize, line, bool(pool.block))
    wrap_step(kind, 'urlopen', called, returned)
    wrap_step(kind, '_get_conn', wants_connection, got_connection)
    wrap(kind, '__init__', made, sized)


@when_imported('urllib3.connection', 'requests.packages.urllib3.connection', 'pip._vendor.urllib3.connection',
               'urllib3_future.connection')
def hook_urllib3_connection(module):
    for name in ('HTTPConnection', 'HTTPSConnection', 'VerifiedHTTPSConnection'):
        if isinstance(getattr(module, name, None), type):
            wrap_connect(getattr(module, name))


@when_imported('urllib3.response')
def hook_urllib3_response(module):
    """It takes chunks apart itself, and reads past the answer of http.client."""
    def reads(response, *_, **__):
        return response

    def chunk_read(response, data, error):
        answer_read(response._fp, data, error)

    def chunk_begun(response, _, error):
        if error is None and response.chunk_left == 0:
            answer_whole(response._fp)
    wrap(module.HTTPResponse, '_handle_chunk', reads, chunk_read)
    wrap(module.HTTPResponse, '_update_chunk_length', reads, chunk_begun)


# libraries/urllib3_future.py ---------------------------------------------------------------------------------------
# Requests over HTTP/1.1, HTTP/2 and HTTP/3, also those of niquests, and of requests where it took urllib3's place.
# supports: urllib3-future 2.x

FUTURES = ('urllib3', 'urllib3_future')


@when_imported(*[name + '.backend.hface' for name in FUTURES])
def hook_hface(module):
    expect_exchanges()
    wrap_hface(module.HfaceBackend, wrap)


@when_imported(*[name + '.backend._async.hface' for name in FUTURES])
def hook_hface_async(module):
    expect_exchanges()
    wrap_hface(module.AsyncHfaceBackend, wrap_async)


def wrap_hface(backend, wrap_step):
    wrap(backend, 'putrequest', hface_begins)
    wrap_step(backend, 'endheaders', hface_sends, hface_sent)
    wrap_step(backend, 'getresponse', lambda backend, *_, **__: backend, hface_answered)
    wrap_step(backend, 'close', hface_closes)


@when_imported(*[name + '.backend._base' for name in FUTURES])
def hook_hface_response(module):
    wrap_hface_response(module.LowLevelResponse, wrap)


@when_imported(*[name + '.backend._async._base' for name in FUTURES])
def hook_hface_response_async(module):
    wrap_hface_response(module.AsyncLowLevelResponse, wrap_async)


def wrap_hface_response(response, wrap_step):
    for name in ('read', '_read'):
        wrap_step(response, name, lambda response, *_, **__: response, hface_read)
    for name in ('abort', 'close'):
        wrap_step(response, name, hface_leaves)


def hface_begins(backend, method, url, *_, **__):
    key = call_key()
    exchange = open_exchange.get(key)
    if exchange is None or exchange.sent is not None or exchange.done:
        exchange = new_exchange(key)
    backend.__dict__['_abreast_next'] = exchange
    origin = origin_of('https' if is_https(backend) else 'http', backend.host, backend.port)
    where_to_target(exchange, method, origin, url)
    passes(exchange, 'dispatched')


def hface_sends(backend, *_, **__):
    exchange = backend.__dict__.pop('_abreast_next', None)
    if exchange is not None and backend.sock is not None:
        hface_rides(exchange, backend)
        passes(exchange, 'sent')
    return exchange, backend


def hface_rides(exchange, backend):
    route = backend.__dict__.get('_abreast')
    if route is None or route.id is None:
        route = backend.__dict__['_abreast'] = Route(exchange.origin)
        sock = backend.sock
        protocol = 'h2' if backend.is_multiplexed else 'http/1.1'
        write_connection(route, sock, None, protocol)
    passes(exchange, 'connected')
    rides(exchange, route)


def hface_sent(state, promise, error):
    if state is None or state[0] is None:
        return
    exchange, backend = state
    if error is not None:
        finish(exchange, error_name(error))
        return
    if exchange.sent is None:  # endheaders() connected first
        hface_rides(exchange, backend)
        exchange.sent = exchange.connected
    if promise is not None:
        promise.__dict__['_abreast'] = exchange
    backend.__dict__['_abreast_last'] = exchange


def hface_answered(backend, response, error):
    if error is not None:
        exchange = backend.__dict__.get('_abreast_last')
        if exchange is not None and not backend.is_multiplexed and exchange.answered is None:
            finish(exchange, error_name(error))
        return
    promise = getattr(response, 'from_promise', None)
    exchange = None if promise is None else promise.__dict__.get('_abreast')
    if exchange is None or exchange.done:
        return
    passes(exchange, 'answered')
    exchange.status = response.status
    exchange.handled = id(sys.exc_info()[1])
    if getattr(response, '_eot', False):
        finish(exchange)
    else:
        response.__dict__['_abreast'] = exchange


def hface_read(response, _, error):
    exchange = response.__dict__.get('_abreast')
    if exchange is None:
        return
    if error is not None:
        finish(exchange, error_name(error))
    elif response._eot:
        finish(exchange)


def hface_leaves(response, *_, **__):
    exchange = response.__dict__.pop('_abreast', None)
    if exchange is not None and not exchange.done:
        error = failure_meanwhile(exchange)
        if error is None:
            end_unread(exchange)
        else:
            finish(exchange, error)


def hface_closes(backend, *_, **__):
    close_connection(backend.__dict__.get('_abreast'))


@tells('patches')
def urllib3_of_another():
    """urllib3-future writes itself over urllib3's files, for all that import it."""
    module = sys.modules.get('urllib3')
    if module is None or sys.modules.get('urllib3.backend.hface') is None:
        return []
    patch = patch_of('urllib3', 'urllib3-future', getattr(module, '__version__', None), None)
    patch['replacement'] = 'urllib3-future'
    return [patch]


# libraries/requests.py ---------------------------------------------------------------------------------------------
# Calls of sessions, with their redirects, and the size of an adapter's pool.
# supports: requests 2.x; niquests 3.x

@when_imported('requests.sessions', 'niquests.sessions')
def hook_requests(module):
    wrap_session(module.Session, wrap, here)


@when_imported('niquests.async_session')
def hook_niquests_async(module):
    wrap_session(module.AsyncSession, wrap_async, call_key)


def wrap_session(kind, wrap_step, key_here):
    def called(session, method, url, *_, **__):
        key = key_here()
        call = enter_call(key)
        if call is not None:
            call.target = target_of(method, url)
        return key, call

    def sends(session, request, *_, **__):
        return called(session, request.method, request.url)

    def returned(state, response, error):
        if state is not None:
            look_at_answer(state[1], response)
            leave_call(state[0], state[1], error)
    wrap_step(kind, 'request', called, returned)
    wrap_step(kind, 'send', sends, returned)


@when_imported('requests.adapters', 'niquests.adapters')
def hook_requests_adapters(module):
    def made(adapter, *_, **__):
        return adapter, users_line(outside())

    def sized(state, _, error):
        adapter, line = state
        if error is None:
            blocks = bool(adapter._pool_block)
            name = '%s HTTPAdapter pool_maxsize' % module.__name__.partition('.')[0]
            remember_limit('connections', name, adapter._pool_maxsize, line, blocks)
    wrap(module.HTTPAdapter, '__init__', made, sized)


def look_at_answer(call, response):
    """At the body that a call returns, if it was read."""
    body = None if call is None or response is None else response.__dict__.get('_content')
    if isinstance(body, bytes) and call.last is not None:
        look_at(call.last, response.headers, body)


# libraries/urllib.py -----------------------------------------------------------------------------------------------
# Calls of openers, with their redirects.
# supports: urllib.request Python 3.6-3.14; urllib2 Python 2.7

@when_imported('urllib.request', 'urllib2')
def hook_urllib(module):
    def called(opener, request, *_, **__):
        key = here()
        call = enter_call(key)
        if call is not None and hasattr(request, 'get_method'):
            call.target = target_of(request.get_method(), request.get_full_url())
        elif call is not None:
            call.target = target_of('GET', request)
        return key, call

    def returned(state, _, error):
        if state is not None:
            leave_call(state[0], state[1], error if not hasattr(error, 'code') else None)
    wrap(module.OpenerDirector, 'open', called, returned)


# libraries/servers.py ----------------------------------------------------------------------------------------------
# Requests that the program takes: each is a unit of work, and what it asks of others belongs to it.
# supports: http.server Python 3.6-3.14; gunicorn 19.x-27.x; uvicorn 0.x; aiohttp.web 3.8-3.14; Flask 1.x-3.x

def request_taken(method, path, sock=None):
    """A request that this program takes begins here; one of an event loop came when the kernel took in the last of it."""
    if not exchanges_expected:
        return None
    at = now()
    came = None if sock is None else last_data_of(sock)
    unit = Unit('served-request', at, None, None, at if came is None else max(0, min(came, at)))
    unit.method, unit.route = text_of(method), clean_url(text_of(path).partition('?')[0])
    unit.started, unit.thread = at, watch_thread().tid
    unit.used = True  # what it asks is wanted when it calls
    key = call_key()
    task = current_task()
    if task is None:
        outer = active.get(key)
        active[key] = unit
        return unit, key, outer, None
    worker = own_unit()
    if worker is None:
        worker = register(task, Unit('task', at, None, None, at))
    outer, worker.item = worker.item, unit
    return unit, key, outer, worker


def socket_of(transport):
    return None if transport is None else transport.get_extra_info('socket')


def request_done(state, *_):
    if state is None:
        return
    unit, key, outer, worker = state
    if worker is not None:
        worker.item = outer
    elif outer is None:
        active.pop(key, None)
    else:
        active[key] = outer
    unit.ends()


def routed(route):
    """The route that the request which is served here was for."""
    unit = current_unit()
    while unit is not None and unit.kind != 'served-request':
        unit = unit.made_by()
    if unit is not None and route:
        unit.route = text_of(route)


@when_imported('http.server', 'BaseHTTPServer')
def hook_http_server(module):
    handler = module.BaseHTTPRequestHandler

    def parsed(server, is_good, error):
        if is_good and error is None:
            server.__dict__['_abreast'] = request_taken(server.command, server.path)

    def handled(server, *_):
        request_done(server.__dict__.pop('_abreast', None))

    def starts(server, *_, **__):
        return server
    wrap(handler, 'parse_request', starts, parsed)
    wrap(handler, 'handle_one_request', starts, handled)


@when_imported('wsgiref.simple_server')
def hook_wsgiref(module):
    wrap(module.WSGIRequestHandler, 'handle', lambda server, *_: server,
         lambda server, *_: request_done(server.__dict__.pop('_abreast', None)))


@when_imported('gunicorn.workers.sync', 'gunicorn.workers.gthread', 'gunicorn.workers.base_async')
def hook_gunicorn(module):
    def takes(*args, **_):  # each worker has the request in another place
        request = next((one for one in args if hasattr(one, 'method') and hasattr(one, 'path')), None)
        return None if request is None else request_taken(request.method, request.path)
    for name in ('SyncWorker', 'ThreadWorker', 'AsyncWorker'):
        kind = getattr(module, name, None)
        if kind is not None and kind.__module__ == module.__name__:
            wrap(kind, 'handle_request', takes, request_done)


@when_imported('uvicorn.protocols.http.h11_impl', 'uvicorn.protocols.http.httptools_impl')
def hook_uvicorn(module):
    def takes(cycle, *_, **__):
        return cycle, request_taken(cycle.scope.get('method', ''), cycle.scope.get('path', ''), socket_of(cycle.transport))

    def done(state, *_):
        cycle, served = state
        route = getattr(cycle.scope.get('route'), 'path', None)
        if served is not None and isinstance(route, str):
            served[0].route = route
        request_done(served)
    wrap_async(module.RequestResponseCycle, 'run_asgi', takes, done)


@when_imported('starlette.routing', 'fastapi.routing')
def hook_starlette(module):
    for name in ('Route', 'APIRoute'):
        kind = getattr(module, name, None)
        if kind is not None and kind.__module__ == module.__name__:
            wrap_async(kind, 'handle', lambda route, *_, **__: routed(getattr(route, 'path', None)))


@when_imported('aiohttp.web_protocol')
def hook_aiohttp_web(module):
    def takes(handler, request, *_, **__):
        return request, request_taken(request.method, request.path, socket_of(request.transport))

    def done(state, *_):
        request, served = state
        if served is not None:
            resource = getattr(getattr(getattr(request, '_match_info', None), 'route', None), 'resource', None)
            served[0].route = getattr(resource, 'canonical', None) or served[0].route
        request_done(served)
    wrap_async(module.RequestHandler, '_handle_request', takes, done)


@when_imported('flask.app')
def hook_flask(module):
    def dispatches(*_, **__):
        flask = sys.modules.get('flask')
        rule = getattr(getattr(flask, 'request', None), 'url_rule', None)
        routed(getattr(rule, 'rule', None))
    wrap(module.Flask, 'dispatch_request', dispatches)


@when_imported('django.core.handlers.base')
def hook_django(module):
    wrap(module.BaseHandler, 'resolve_request', None, lambda _, match, error: routed(getattr(match, 'route', None)))


# libraries/asyncio_streams.py --------------------------------------------------------------------------------------
# Requests that a handler of asyncio.start_server takes: from the head of each one to its answer.
# supports: asyncio.start_server Python 3.6-3.14

@when_imported('asyncio.streams')
def hook_asyncio_streams(module):
    def reads(reader, *_, **__):
        protocol = served_over(reader._transport)
        if protocol is not None and '_abreast_answers' in protocol.__dict__:
            stream_request_done(protocol)
        return protocol, reader

    def has_read(state, data, error):
        protocol, reader = state
        if protocol is None or error is not None or protocol.__dict__.get('_abreast_served') is not None:
            return
        words = data[:LONGEST_HEAD].partition(b'\r\n')[0].split(b' ')
        if data[:4] in REQUEST_STARTS and len(words) == 3 and words[2].startswith(b'HTTP/1.'):
            protocol.__dict__['_abreast_served'] = request_taken(words[0], words[1], socket_of(reader._transport))

    def writes(writer, *_):
        protocol = served_over(writer.transport)
        if protocol is not None and protocol.__dict__.get('_abreast_served') is not None:
            protocol.__dict__['_abreast_answers'] = True

    def closes(writer):
        protocol = served_over(writer.transport)
        if protocol is not None:
            stream_request_done(protocol)
    for name in ('readline', 'readuntil', 'read'):
        wrap_async(module.StreamReader, name, reads, has_read)
    wrap(module.StreamWriter, 'write', writes)
    wrap(module.StreamWriter, 'close', closes)


def served_over(transport):
    """The protocol of a connection that a server took; None for one that the program opened."""
    protocol = None if transport is None else transport.get_protocol()
    return protocol if getattr(protocol, '_client_connected_cb', None) is not None else None


def stream_request_done(protocol):
    protocol.__dict__.pop('_abreast_answers', None)
    request_done(protocol.__dict__.pop('_abreast_served', None))


# libraries/httpcore.py ---------------------------------------------------------------------------------------------
# Requests, connections and pools, over HTTP/1.1 and HTTP/2, by the events that httpcore itself tells.
# supports: httpcore 0.17-1.x; httpcore2 2.x

class HttpcoreEvents(object):
    """httpcore tells what it does to whoever is in a request's `trace` extension."""

    def __init__(self, exchange, users):
        self.exchange = exchange
        self.users = users
        self.tcp = self.connecting = None
        self.stream = None

    def __call__(self, name, info):
        self.event(name, info)
        if self.users is not None:
            self.users(name, info)

    def event(self, name, info):
        try:
            layer, _, step = name.partition('.')
            handler = self.HANDLERS.get(step)
            if handler is not None:
                handler(self, layer, info)
        except Exception as error:
            trace.trouble(name, error)

    def connects(self, layer, info):
        passes(self.exchange, 'dispatched')
        self.connecting = now()

    def tcp_stands(self, layer, info):
        self.tcp = now()
        self.stands(info.get('return_value'))

    def tls_starts(self, layer, info):
        self.exchange.connected = None

    def tls_stands(self, layer, info):
        self.stands(info.get('return_value'))

    def stands(self, stream):
        """After TCP, and again after TLS: the connection is written when the request goes."""
        self.stream = stream
        passes(self.exchange, 'connected')

    def sends(self, layer, info):
        exchange = self.exchange
        connection = exchange.route
        if connection is None:
            passes(exchange, 'sent')
            return
        route = connection.__dict__.get('_abreast')
        if route is None:
            route = connection.__dict__['_abreast'] = Route()
            self.write_connection(route, connection, layer)
        if layer == 'http2' and exchange.connected is None:  # it waited for a stream of a connection that stood
            exchange.dispatched = now()
        at = now()
        if exchange.connected is None:
            exchange.connected = at if layer == 'http2' else exchange.dispatched
        rides(exchange, route)
        exchange.sent = at
        exchange.carrier.events += 1
        exchange.carrier.event_at = at

    def write_connection(self, route, connection, layer):
        origin = connection._origin
        route.origin = origin_of(origin.scheme, origin.host, origin.port)
        route.connecting, route.tcp = self.connecting, self.tcp
        looked = self.exchange.connecting
        if looked is not None:
            route.dns_from, route.dns_to = looked.dns_from, looked.dns_to
        info = self.stream.get_extra_info if self.stream is not None else lambda name: None
        sock = info('socket')
        write_connection(route, sock, info('ssl_object'), 'h2' if layer == 'http2' else 'http/1.1',
                         address_text(info('client_addr')), address_text(info('server_addr')))

    def answered(self, layer, info):
        exchange = self.exchange
        passes(exchange, 'answered')
        result = info.get('return_value')
        if result:
            exchange.status = result[0] if layer == 'http2' else result[1]
            fields = result[1] if layer == 'http2' else result[3]
            look_at_headers(exchange, {text_of(name).title(): value for name, value in fields})

    def read(self, layer, info):
        finish(self.exchange)

    def failed(self, layer, info):
        finish(self.exchange, error_name(info.get('exception')))

    def closed(self, layer, info):
        end_unread(self.exchange)

    HANDLERS = {
        'connect_tcp.started': connects, 'connect_unix_socket.started': connects,
        'connect_tcp.complete': tcp_stands, 'connect_unix_socket.complete': tcp_stands,
        'start_tls.started': tls_starts, 'start_tls.complete': tls_stands,
        'send_request_headers.started': sends, 'receive_response_headers.complete': answered,
        'receive_response_body.complete': read, 'receive_response_body.failed': failed,
        'response_closed.complete': closed}


def httpcore_pool_hooks(events):
    def asked(pool, request, *_, **__):
        key = call_key()
        exchange = new_exchange(key)
        url = request.url
        origin = origin_of(url.scheme, url.host, url.port)
        where_to(exchange, request.method, origin, origin + text_of(url.target))
        exchange.connecting = Route()
        open_exchange[key] = exchange
        extensions = dict(request.extensions or {})
        extensions['trace'] = events(exchange, extensions.get('trace'))
        request.extensions = extensions
        connecting_here[here()] = exchange.connecting
        exchange.waiting = wants(pool, 'connection-pool')
        return key, exchange

    def answered(state, response, error):
        if state is None:
            return
        key, exchange = state
        has_room(exchange)
        open_exchange.pop(key, None)
        connecting_here.pop(here(), None)
        if error is not None:
            finish(exchange, error_name(error))

    def made(pool, *_, **__):
        new_resource(pool, 'connection-pool', class_name(type(pool)), None)
        return pool, users_line(outside())

    def sized(state, _, error):
        if state and error is None:
            pool, line = state
            remember_limit('connections', 'httpcore pool max_connections', pool._max_connections, line)
            resource_of(pool, 'connection-pool').capacity = whole(pool._max_connections)
    return asked, answered, made, sized


def connection_taken(connection, request, *_, **__):
    """The pool gave the request a connection, that may have to be opened yet."""
    exchange = exchange_of(request)
    if exchange is not None and exchange.sent is None:
        has_room(exchange)
        exchange.dispatched = now()
        exchange.route = connection


def httpcore_closes(connection, *_, **__):
    close_connection(connection.__dict__.get('_abreast'))


def exchange_of(request):
    events = (request.extensions or {}).get('trace')
    return events.exchange if isinstance(events, HttpcoreEvents) else None


def streams_known(connection, *_, **__):
    return connection


def streams_limited(connection, *_):
    value = getattr(connection, '_max_streams', None)
    if value and value > 1 or getattr(connection, '_received_settings', False):
        remember_limit('streams', 'HTTP/2 max_concurrent_streams', getattr(connection, '_max_streams', None))


@when_imported('httpcore._async.connection_pool', 'httpcore2._async.connection_pool')
def hook_httpcore_async_pool(module):
    expect_exchanges()
    asked, answered, made, sized = httpcore_pool_hooks(AsyncHttpcoreEvents)
    wrap_async(module.AsyncConnectionPool, 'handle_async_request', asked, answered)
    wrap(module.AsyncConnectionPool, '__init__', made, sized)


@when_imported('httpcore._sync.connection_pool', 'httpcore2._sync.connection_pool')
def hook_httpcore_sync_pool(module):
    expect_exchanges()
    asked, answered, made, sized = httpcore_pool_hooks(HttpcoreEvents)
    wrap(module.ConnectionPool, 'handle_request', asked, answered)
    wrap(module.ConnectionPool, '__init__', made, sized)


@when_imported('httpcore._async.connection', 'httpcore2._async.connection')
def hook_httpcore_async_connection(module):
    wrap_async(module.AsyncHTTPConnection, 'handle_async_request', connection_taken)
    wrap(module.AsyncHTTPConnection, 'aclose', httpcore_closes)


@when_imported('httpcore._sync.connection', 'httpcore2._sync.connection')
def hook_httpcore_sync_connection(module):
    wrap(module.HTTPConnection, 'handle_request', connection_taken)
    wrap(module.HTTPConnection, 'close', httpcore_closes)


@when_imported('httpcore._async.http2', 'httpcore2._async.http2')
def hook_httpcore_async_http2(module):
    wrap_async(module.AsyncHTTP2Connection, 'handle_async_request', streams_known, streams_limited)


@when_imported('httpcore._sync.http2', 'httpcore2._sync.http2')
def hook_httpcore_sync_http2(module):
    wrap(module.HTTP2Connection, 'handle_request', streams_known, streams_limited)


# libraries/httpx.py ------------------------------------------------------------------------------------------------
# Calls of clients, with their redirects; httpcore has the rest.
# supports: httpx 0.24-0.28; httpx2 2.x

@when_imported('httpx._client', 'httpx2._client')
def hook_httpx(module):
    def called(*_, **__):
        key = call_key()
        return key, enter_call(key)

    def returned(state, response, error):
        if state is not None:
            look_at_answer(state[1], response)
            leave_call(state[0], state[1], error)
    for name in ('request', 'send'):
        wrap(module.Client, name, called, returned)
        wrap_async(module.AsyncClient, name, called, returned)


# libraries/h2.py ---------------------------------------------------------------------------------------------------
# Requests over HTTP/2 of clients that use h2 by hand.
# supports: h2 3.x-4.x

@when_imported('h2.connection')
def hook_h2(module):
    expect_exchanges()

    def sends(connection, stream, headers, *_, **__):
        key = call_key()
        if key in open_exchange or not connection.config.client_side:
            return
        found = {text_of(pair[0]): text_of(pair[1]) for pair in headers}
        if ':method' not in found:
            return  # trailers
        exchange = new_exchange(key)
        origin = '%s://%s' % (found.get(':scheme', 'https'), found.get(':authority', ''))
        where_to(exchange, found[':method'], origin, origin + found.get(':path', ''))
        passes(exchange, 'dispatched')
        connection.__dict__.setdefault('_abreast', {})[stream] = exchange
        goes_next(exchange)

    def received(connection, events, error):
        streams = connection.__dict__.get('_abreast')
        if not streams or error is not None:
            return
        for event in events:
            exchange = streams.get(getattr(event, 'stream_id', None))
            if exchange is None:
                continue
            name = type(event).__name__
            if name == 'ResponseReceived':
                passes(exchange, 'answered')
                status = [value for name, value in event.headers if text_of(name) == ':status']
                exchange.status = int(status[0]) if status else None
            elif name in ('StreamEnded', 'StreamReset'):
                del streams[event.stream_id]
                finish(exchange, 'StreamReset' if name == 'StreamReset' else None)
    wrap(module.H2Connection, 'send_headers', sends)
    wrap(module.H2Connection, 'receive_data', lambda connection, *_, **__: connection, received)


# libraries/aiohttp.py ----------------------------------------------------------------------------------------------
# Calls, connectors and connections of the client.
# supports: aiohttp 3.8-3.14

@when_imported('aiohttp.client')
def hook_aiohttp(module):
    expect_exchanges()

    def called(*_, **__):
        key = id(current_task())
        return key, enter_call(key)

    def returned(state, response, error):
        if not state:
            return
        key, call = state
        open_exchange.pop(key, None)
        if call is None:
            return
        leave_call(key, call, error)
        exchange = call.last
        if exchange is not None and error is None and not exchange.done:
            exchange.status = response.status
            response.__dict__['_abreast_told'] = exchange
            look_at_headers(exchange, response.headers)
            if exchange.read is not None:  # whole already, when its head was looked at
                finish(exchange)
    wrap_async(module.ClientSession, '_request', called, returned)


@when_imported('aiohttp.connector')
def hook_aiohttp_connector(module):
    def asks(connector, request, *_, **__):
        key = id(current_task())
        call = open_call.get(key)
        if call is not None and call.last is not None and not call.last.done:  # the answer to it is a redirect
            if call.last.read is not None or call.last.error is None:
                call.last.status = call.last.status or 302
            finish(call.last, call.last.error)
        exchange = new_exchange(key)
        url = request.url
        origin = origin_of(url.scheme, url.raw_host, url.port)
        where_to(exchange, request.method, origin, str(url))
        open_exchange[key] = exchange
        exchange.waiting = wants(connector, 'connection-pool')
        return exchange

    def got(exchange, connection, error):
        if exchange is None:
            return
        has_room(exchange)
        if error is not None:  # the call knows better what it was: a time-out comes as a cancellation here
            return
        passes(exchange, 'dispatched')
        protocol = connection.protocol
        route = protocol.__dict__.get('_abreast')
        if route is None:
            route = protocol.__dict__['_abreast'] = exchange.connecting or Route()
            transport = protocol.transport
            info = transport.get_extra_info
            route.origin = exchange.origin
            write_connection(route, info('socket'), info('ssl_object'), 'http/1.1', address_text(info('sockname')),
                             address_text(info('peername')))
            passes(exchange, 'connected')
        elif exchange.connected is None:
            exchange.connected = exchange.dispatched
        rides(exchange, route)
        route.exchange = exchange

    def opens(connector, request, *_, **__):
        exchange = open_exchange.get(id(current_task()))
        passes(exchange, 'dispatched')
        if exchange is not None:
            has_room(exchange)
            exchange.connecting = Route()
            exchange.connecting.connecting = now()
        return exchange

    def looks_up(*_, **__):
        exchange = open_exchange.get(id(current_task()))
        if exchange is None or exchange.connecting is None:
            return None
        exchange.connecting.dns_from = now()
        return exchange.connecting

    def looked_up(route, *_):
        if route is not None:
            route.dns_to = now()

    def made(connector, *_, **__):
        new_resource(connector, 'connection-pool', class_name(type(connector)), None)
        return connector, users_line(outside())

    def sized(state, _, error):
        if state and error is None:
            connector, line = state
            remember_limit('connections', 'aiohttp connector limit', connector._limit or None, line)
            resource_of(connector, 'connection-pool').capacity = whole(connector._limit_per_host or connector._limit)
            per_host = connector._limit_per_host or None
            remember_limit('connections-per-host', 'aiohttp connector limit_per_host', per_host, line)
    wrap_async(module.BaseConnector, 'connect', asks, got)
    wrap(module.BaseConnector, '__init__', made, sized)
    for name in ('TCPConnector', 'UnixConnector'):
        if hasattr(module, name):
            wrap(getattr(module, name), '_create_connection', opens)
    wrap_async(module.TCPConnector, '_resolve_host', looks_up, looked_up)


@when_imported('aiohttp.client_reqrep')
def hook_aiohttp_messages(module):
    def exchange_on(connection):
        route = connection.protocol.__dict__.get('_abreast')
        return route.exchange if route is not None else None

    def sends(request, connection, *_, **__):
        passes(exchange_on(connection), 'sent')

    def at_end(response, *_, **__):
        connection = response._connection
        if connection is None or connection.protocol is None:
            return
        exchange = exchange_on(connection)
        if exchange is not None and not exchange.done:
            if exchange.status is None:
                exchange.status = getattr(response, 'status', None)
            if exchange.status is None:
                passes(exchange, 'answered')
                passes(exchange, 'read')
            else:
                finish(exchange)

    def given_up(response, *_, **__):
        connection = response._connection
        exchange = exchange_on(connection) if connection is not None and connection.protocol is not None else None
        if exchange is not None and exchange.read is None and exchange.answered is not None:
            exchange.status = exchange.status or response.status
            end_unread(exchange)
    wrap(module.ClientRequest, 'send', sends)

    def is_read(response, body, error):
        if error is None:
            look_at(response.__dict__.get('_abreast_told'), response.headers, body)
    wrap_async(module.ClientResponse, 'read', lambda response: response, is_read)
    wrap(module.ClientResponse, '_response_eof', at_end)
    wrap(module.ClientResponse, 'close', given_up)
    wrap(module.ClientResponse, 'release', given_up)


@when_imported('aiohttp.client_proto')
def hook_aiohttp_protocol(module):
    def data_comes(protocol, *_):
        route = protocol.__dict__.get('_abreast')
        exchange = route.exchange if route is not None else None
        if exchange is not None and exchange.answered is None:
            passes(exchange, 'answered')

    def exchange_on(protocol):
        route = protocol.__dict__.get('_abreast')
        return route.exchange if route is not None else None

    def closes(protocol, *_):
        exchange = exchange_on(protocol)
        if exchange is not None and exchange.status is not None and exchange.read is None:
            end_unread(exchange)

    def lost(protocol, *_):
        return protocol

    def is_lost(protocol, *_):
        exchange = exchange_on(protocol)
        if exchange is not None and exchange.answered is not None and exchange.read is None:
            finish(exchange, 'ClientPayloadError')
        close_connection(protocol.__dict__.pop('_abreast', None))
    wrap(module.ResponseHandler, 'data_received', data_comes)
    wrap(module.ResponseHandler, 'close', closes)
    wrap(module.ResponseHandler, 'connection_lost', lost, is_lost)


# libraries/curl_cffi.py --------------------------------------------------------------------------------------------
# Calls and connections, by the times that libcurl tells at the end; redirects that libcurl follows are one exchange with it.
# supports: curl_cffi 0.13-0.17

@when_imported('curl_cffi.curl')
def hook_curl_cffi(module):
    expect_exchanges()

    def option_set(curl, option, value):
        if option == module.CurlOpt.URL:
            curl.__dict__['_abreast_url'] = text_of(value)
        elif option == module.CurlOpt.CUSTOMREQUEST:
            curl.__dict__['_abreast_method'] = text_of(value)

    def performs(curl, *_, **__):
        curl_begins(curl, here())
        return curl

    def performed(curl, _, error):
        curl_cffi_ends(curl, error)
    wrap(module.Curl, 'setopt', option_set)
    wrap(module.Curl, 'perform', performs, performed)


@when_imported('curl_cffi.aio')
def hook_curl_cffi_async(module):
    def added(multi, curl):
        curl_begins(curl, id(current_task()))

    def succeeded(multi, curl):
        curl_cffi_ends(curl)

    def failed(multi, curl, error):
        curl_cffi_ends(curl, error)

    def removed(multi, curl):
        finish(curl.__dict__.pop('_abreast', None), 'CancelledError')
    wrap(module.AsyncCurl, 'add_handle', added)
    wrap(module.AsyncCurl, 'set_result', succeeded)
    wrap(module.AsyncCurl, 'set_exception', failed)
    wrap(module.AsyncCurl, 'remove_handle', removed)


@when_imported('curl_cffi.requests.session')
def hook_curl_cffi_session(module):
    def called(session, method, url, *_, **__):
        key = call_key()
        call = enter_call(key)
        if call is not None:
            call.target = target_of(method, url)
        return key, call

    def returned(state, response, error):
        if state is not None:
            if state[1] is not None and state[1].last is not None and error is None:
                look_at(state[1].last, response.headers, response.content)
            leave_call(state[0], state[1], error)

    def waits_for_handle(session):
        unit = current_unit()
        return unit, unit is not None and unit.used, wants(session, 'connection-pool', session.max_clients)

    def got_handle(state, *_):
        # The session keeps its handles in an asyncio.Queue. A task that takes one is no worker of that queue.
        unit, used, waiting = state
        is_got(waiting, None, None)
        if unit is not None:
            unit.used = used

    def made(session, *_, **__):
        new_resource(session, 'connection-pool', class_name(type(session)), None)
        return session, users_line(outside())

    def sized(state, _, error):
        if state is not None and error is None:
            session, line = state
            remember_limit('connections', 'curl_cffi AsyncSession max_clients', session.max_clients, line)
            resource_of(session, 'connection-pool').capacity = whole(session.max_clients)
    wrap(module.Session, 'request', called, returned)
    wrap_async(module.AsyncSession, 'request', called, returned)
    wrap_async(module.AsyncSession, 'pop_curl', waits_for_handle, got_handle)
    wrap(module.AsyncSession, '__init__', made, sized)


def curl_cffi_ends(curl, error=None):
    const = sys.modules['curl_cffi.const']

    def told(name):
        return curl.getinfo(getattr(const.CurlInfo, name))
    code = getattr(error, 'code', 0)
    curl_ends(curl, told, const.CurlECode(code).name if code else error and error_name(error))


# libraries/pycurl.py -----------------------------------------------------------------------------------------------
# Calls and connections, by the times that libcurl tells at the end; redirects that libcurl follows are one exchange with it.
# supports: pycurl 7.x

PYCURL_LIMITS = (('M_MAX_HOST_CONNECTIONS', 'connections-per-host'), ('M_MAX_TOTAL_CONNECTIONS', 'connections'))


@when_imported('pycurl')
def hook_pycurl(module):
    """Its classes are of C: ones that inherit from them take their place."""
    expect_exchanges()

    def ends(curl, error=None):
        try:
            code = error.args[0] if isinstance(error, module.error) and error.args else error
            name = 'curl error %d' % code if isinstance(code, WHOLE) else error and error_name(error)
            curl_ends(curl, lambda name: pycurl_info(curl, module, name), name, is_late=True)
        except Exception as trouble:
            trace.trouble('pycurl', trouble)

    class Curl(module.Curl):
        def setopt(self, option, value):
            if option == module.URL:
                self.__dict__['_abreast_url'] = text_of(value)
            elif option == module.CUSTOMREQUEST:
                self.__dict__['_abreast_method'] = text_of(value)
            return super(Curl, self).setopt(option, value)

        def perform(self):
            return performed(self, super(Curl, self).perform)

        def perform_rb(self):
            return performed(self, super(Curl, self).perform_rb)

        def perform_rs(self):
            return performed(self, super(Curl, self).perform_rs)

    def performed(curl, perform):
        pycurl_begins(curl)
        try:
            result = perform()
        except BaseException as error:
            ends(curl, error)
            leave_no_frame(error)
            raise
        ends(curl)
        return result

    class CurlMulti(module.CurlMulti):
        def setopt(self, option, value):
            for name, kind in PYCURL_LIMITS:
                if option == getattr(module, name, None):
                    remember_limit(kind, 'pycurl ' + name, value or None, users_line(outside()))
            return super(CurlMulti, self).setopt(option, value)

        def add_handle(self, curl):
            result = super(CurlMulti, self).add_handle(curl)
            pycurl_begins(curl)
            self.__dict__.setdefault('_abreast', {})[id(curl)] = curl
            return result

        def perform(self):
            return self._abreast_ran(super(CurlMulti, self).perform())

        def socket_action(self, *which):
            return self._abreast_ran(super(CurlMulti, self).socket_action(*which))

        def _abreast_ran(self, result):
            if result[1] == 0:  # all are done, and the program need not ask which
                for curl in self.__dict__.pop('_abreast', {}).values():
                    ends(curl)
            return result

        def remove_handle(self, curl):
            ends(curl)
            self.__dict__.get('_abreast', {}).pop(id(curl), None)
            return super(CurlMulti, self).remove_handle(curl)

        def info_read(self, *count):
            result = super(CurlMulti, self).info_read(*count)
            for curl in result[1]:
                ends(curl)
            for curl, code, _ in result[2]:
                ends(curl, code)
            return result
    for kind in (Curl, CurlMulti):
        kind.__module__ = 'pycurl'
        kind.__qualname__ = kind.__name__
        setattr(module, kind.__name__, kind)


def pycurl_info(curl, module, name):
    """By libcurl's name; times in microseconds."""
    if name.endswith('_TIME_T'):
        return int(curl.getinfo(getattr(module, name[:-2])) * 1000000)
    value = getattr(module, 'INFO_' + name if name == 'HTTP_VERSION' else name, None)
    return 0 if value is None else curl.getinfo(value)


def pycurl_begins(curl):
    try:
        curl_begins(curl, call_key())
    except Exception as error:
        trace.trouble('pycurl', error)


# libraries/twisted.py ----------------------------------------------------------------------------------------------
# Requests and connections of the web client, and whether its answers hold later URLs.
# supports: Twisted 24.x-26.x

twisted_next = {}  # thread -> Exchange whose connection was just got


@when_imported('twisted.web.client')
def hook_twisted_agent(module):
    expect_exchanges()

    def requested(agent, key, endpoint, method, uri, *_, **__):
        exchange = new_exchange(here())
        url = text_of(uri.toBytes())
        target = target_of(method, url)
        where_to(exchange, text_of(method), target[1], url)
        passes(exchange, 'dispatched')
        open_exchange[here()] = exchange
        return exchange

    def returned(exchange, deferred, error):
        open_exchange.pop(here(), None)
        if error is not None:
            finish(exchange, error_name(error))
        else:
            def failed(failure):
                if exchange is not None:
                    finish(exchange, failure.type.__name__)
                return failure
            deferred.addErrback(failed)

    def gets_connection(*_, **__):
        return open_exchange.get(here())

    def got_connection(exchange, deferred, error):
        if exchange is not None and error is None:
            def stands(protocol):
                twisted_next[native_ident()] = exchange
                return protocol
            deferred.addCallback(stands)
    wrap(module._AgentBase, '_requestWithEndpoint', requested, returned)
    wrap(module.HTTPConnectionPool, 'getConnection', gets_connection, got_connection)


@when_imported('twisted.web._newclient')
def hook_twisted_protocol(module):
    def sends(protocol, *_, **__):
        exchange = twisted_next.pop(native_ident(), None)
        if exchange is None:
            return None
        route = protocol.__dict__.get('_abreast')
        if route is None:
            route = protocol.__dict__['_abreast'] = Route(exchange.origin)
            handle = protocol.transport.getHandle()
            write_connection(route, handle, handle if hasattr(handle, 'get_peer_certificate') else None)
        passes(exchange, 'connected')
        rides(exchange, route)
        passes(exchange, 'sent')
        route.exchange = exchange
        return exchange

    def sent(exchange, deferred, error):
        if exchange is not None and error is None:
            def answered(response):
                passes(exchange, 'answered')
                exchange.status = response.code
                if not response.headers.hasHeader(b'content-encoding'):
                    response.__dict__['_abreast_told'] = exchange
                if exchange.read is not None:
                    finish(exchange)
                return response
            deferred.addCallback(answered)

    def ends(protocol, *_, **__):
        route = protocol.__dict__.get('_abreast')
        exchange = route and route.exchange
        if exchange is not None and exchange.status is not None:
            finish(exchange)
        else:
            passes(exchange, 'read')

    def lost(protocol, *_, **__):
        close_connection(protocol.__dict__.get('_abreast'))

    def piece_came(response, data, *_, **__):
        exchange = response.__dict__.get('_abreast_told')
        if exchange is not None:
            exchange.body = exchange.body or Body()
            exchange.body.add(data)

    def body_ends(response, *_, **__):
        exchange = response.__dict__.pop('_abreast_told', None)
        if exchange is not None:
            fields = response.headers.getAllRawHeaders()
            headers = {text_of(name).title(): text_of(values[-1]) for name, values in fields}
            body, exchange.body = exchange.body or Body(), None
            look_at(exchange, headers, body.whole())
    wrap(module.Response, '_bodyDataReceived', piece_came)
    wrap(module.Response, '_bodyDataFinished', body_ends)
    wrap(module.HTTP11ClientProtocol, 'request', sends, sent)
    wrap(module.HTTP11ClientProtocol, '_finishResponse', ends)
    wrap(module.HTTP11ClientProtocol, 'connectionLost', lost)


@when_imported('twisted.internet.defer')
def hook_twisted_permits(module):
    """What is run under a permit is wanted when it is handed over."""
    carry_function(getattr(module, '_ConcurrencyPrimitive', module.DeferredSemaphore), 'run', 'callback')
    remember_size(module.DeferredSemaphore, 'permits', 'twisted DeferredSemaphore', 'tokens', 1)


# libraries/scrapy.py -----------------------------------------------------------------------------------------------
# Requests wait in Scrapy's queue; Twisted sends them.
# supports: Scrapy 2.11-2.19

@when_imported('scrapy.core.engine')
def hook_scrapy_engine(module):
    def scheduled(engine, request, *_, **__):
        register(request, hand_over('queue-item'))
    wrap(module.ExecutionEngine, '_schedule_request', scheduled)


@when_imported('scrapy.core.downloader')
def hook_scrapy_downloader(module):
    def queued(downloader, request, *_, **__):
        if unit_of(request) is None:
            register(request, hand_over('queue-item'))

    def downloads(downloader, slot, request, *_, **__):
        unit = unit_of(request)
        return None if unit is None else begin_item(unit)

    def made(downloader, crawler, *_, **__):
        return downloader, crawler.settings

    def sized(state, _, error):
        downloader, settings = state
        for name in ('CONCURRENT_REQUESTS', 'CONCURRENT_REQUESTS_PER_DOMAIN', 'CONCURRENT_REQUESTS_PER_IP'):
            if settings.getint(name):
                set_by = 'Scrapy default' if settings.getpriority(name) == 0 else 'the program\'s settings'
                kind = 'connections' if name == 'CONCURRENT_REQUESTS' else 'connections-per-host'
                remember_limit(kind, 'Scrapy ' + name, settings.getint(name), set_by)
    wrap(module.Downloader, '_enqueue_request', queued)
    # Since 2.14 it is a coroutine, which runs in a task of its own.
    wrap_either(module.Downloader, '_download', downloads, lambda state, *_: end_item(state))
    wrap(module.Downloader, '__init__', made, sized)


# libraries/tornado.py ----------------------------------------------------------------------------------------------
# Requests of SimpleAsyncHTTPClient, and how many it has at once.
# supports: tornado 6.x

@when_imported('tornado.simple_httpclient')
def hook_tornado(module):
    expect_exchanges()

    def asks(client, request, *_, **__):
        exchange = new_exchange(call_key())
        where_to(exchange, *target_of(request.method, request.url))
        request.__dict__['_abreast'] = exchange
        remember_limit('connections', 'tornado SimpleAsyncHTTPClient max_clients', client.max_clients, None)

    def exchange_of(connection):
        return connection.request.__dict__.get('_abreast')

    def dispatched(client, request, *_, **__):
        passes(request.__dict__.get('_abreast'), 'dispatched')

    def connects(connection, *_, **__):
        return exchange_of(connection)

    def connected(exchange, connection, error):
        if exchange is None or error is not None:
            return
        route = exchange.route = Route(exchange.origin)
        write_connection(route, connection.stream.socket)
        passes(exchange, 'connected')
        rides(exchange, route)
        passes(exchange, 'sent')

    def head(connection, first_line, *_, **__):
        exchange = exchange_of(connection)
        if exchange is not None:
            passes(exchange, 'answered')
            exchange.status = first_line.code

    def ends(connection, *_, **__):
        exchange = exchange_of(connection)
        if connection.request.streaming_callback is None:
            chunks = connection.chunks  # one bytearray since 6.5
            look_at(exchange, connection.headers, b''.join(chunks) if isinstance(chunks, list) else bytes(chunks))
        finish(exchange)

    def fails(connection, kind, value, *_, **__):
        finish(exchange_of(connection), kind.__name__)

    def closes(connection, *_, **__):
        exchange = exchange_of(connection)
        close_connection(exchange.route if exchange is not None else None)

    wrap(module.SimpleAsyncHTTPClient, 'fetch_impl', asks)
    wrap(module.SimpleAsyncHTTPClient, '_handle_request', dispatched)
    wrap(module._HTTPConnection, '_create_connection', connects, connected)
    wrap(module._HTTPConnection, 'headers_received', head)
    wrap(module._HTTPConnection, 'finish', ends)
    wrap(module._HTTPConnection, '_handle_exception', fails)
    wrap(module._HTTPConnection, 'on_connection_close', closes)


# libraries/greenlet.py ---------------------------------------------------------------------------------------------
# Which greenlet runs now; the spawning of greenlets is wrapped here for gevent and eventlet.
# supports: greenlet 0.4-3.x

@when_imported('greenlet')
def hook_greenlet(module):
    global greenlet_of_thread, greenlet_frames_are_safe
    version = tuple(int(part) for part in module.__version__.split('.')[:2] if part.isdigit())
    greenlet_of_thread = module.getcurrent
    greenlet_frames_are_safe = sys.version_info < (3, 11) or version >= (3, 1)


def carry_greenlet(owner, name):
    """spawn() returns the greenlet before it runs."""
    def spawns(pool=None, *_, **__):
        if not exchanges_expected:
            return None
        known = pool is not None and hasattr(pool, '__dict__') and known_resource(pool)
        return hand_over('greenlet'), wants(pool, 'executor') if known else None

    def spawned(state, greenlet, error):
        if state is None:
            return
        unit, waiting = state
        if waiting is not None:
            is_got(waiting, greenlet, error)
        if greenlet is not None and error is None:
            unit.queued_in = waiting and waiting[0]
            known = unit_of(greenlet)  # of the spawn inside this one
            unit.started = now() if known is None else known.made  # it may have waited for room in the pool
            unit.thread = watch_thread().tid
            register(greenlet, unit)
    wrap(owner, name, spawns, spawned)


def replace_function(module, name):
    """As carry_greenlet, for a name that is a bound method of a compiled class."""
    original = getattr(module, name, None)
    if original is None:
        return

    def spawn(*args, **kwargs):
        unit = None
        try:
            unit = hand_over('greenlet') if exchanges_expected else None
        except Exception as error:
            trace.trouble(name, error)
        greenlet = original(*args, **kwargs)
        try:
            if unit is not None:
                register(greenlet, unit)
        except Exception as error:
            trace.trouble(name, error)
        return greenlet
    _install(module, name, original, spawn)


# libraries/gevent.py -----------------------------------------------------------------------------------------------
# Greenlets and pools, what gevent's patch replaced, and how many threads look up names.
# supports: gevent 1.2-26.x

@when_imported('gevent')
def hook_gevent(module):
    for name in ('spawn', 'spawn_later', 'spawn_raw'):
        replace_function(module, name)
    wrap(module, 'joinall', None, learns)


@when_imported('gevent.pool')
def hook_gevent_pool(module):
    carry_greenlet(module.Group, 'spawn')
    for kind in (getattr(module, 'GroupMappingMixin', None), module.Pool):
        if kind is not None and 'spawn' in vars(kind):
            carry_greenlet(kind, 'spawn')
    for kind in (getattr(module, 'GroupMappingMixin', None), module.Group, module.Pool):
        for name in ('map', 'map_async', 'imap', 'imap_unordered', 'starmap'):
            if kind is not None:
                carry_function(kind, name, 'greenlet')
    remember_size(module.Pool, 'workers', 'gevent.pool.Pool size', 'size', None)
    wrap(module.Group, 'join', None, learns)


@when_imported('gevent.lock', 'gevent._semaphore')
def hook_gevent_locks(module):
    if isinstance(getattr(module, 'BoundedSemaphore', None), type):
        try:
            remember_size(module.BoundedSemaphore, 'permits', 'gevent BoundedSemaphore', 'value', 1)
        except TypeError:
            pass  # compiled


@when_imported('gevent._socketcommon')
def hook_gevent_socket(module):
    wrap_lookup(module)


def original_of(module, item):
    """What gevent replaced, or None."""
    monkey = sys.modules.get('gevent.monkey')
    return getattr(monkey, 'saved', {}).get(module, {}).get(item) if monkey else None


@when_imported('gevent.monkey')
def hook_gevent_monkey(module):
    remember_importer(module)


@tells('patches')
def gevent_patches():
    monkey = sys.modules.get('gevent.monkey')
    if monkey is None or not getattr(monkey, 'saved', None):
        return []
    found = patched_modules('gevent', importers.get('gevent.monkey'), lambda name: monkey.saved.get(name, {}))
    hub = gevent_hub()
    resolver = getattr(hub, '_resolver', None) if hub is not None else None
    if resolver is not None:
        patch = patch_of('socket.getaddrinfo', 'gevent', version_of('gevent'), None)
        patch['replacement'] = class_name(type(resolver))
        found.append(patch)
    return found


@tells('limits')
def gevent_limits():
    hub = gevent_hub()
    if hub is None:
        return []
    pool = getattr(hub, '_threadpool', None)
    size = getattr(pool, 'maxsize', None) or getattr(hub, 'threadpool_size', None)
    return [{'kind': 'name-threads', 'size': size, 'of': 'gevent resolver threads'}] if size else []


def gevent_hub():
    hub = sys.modules.get('gevent._hub_local') or sys.modules.get('gevent.hub')
    if hub is None:
        return None
    get = getattr(hub, 'get_hub_if_exists', None)
    if get is not None:
        return get()
    return getattr(getattr(hub, '_threadlocal', None), 'hub', None)


@when_imported('gevent.queue')
def hook_gevent_queues(module):
    """Where its queues are compiled, classes that inherit from them, and from each other as they do, take their place."""
    taken = {}
    for name in ('SimpleQueue', 'Queue', 'JoinableQueue', 'PriorityQueue', 'LifoQueue'):
        original = getattr(module, name, None)
        if not isinstance(original, type):
            continue
        try:
            original._abreast_queue = True
            wrap_queue(original)
        except TypeError:  # compiled
            if original not in taken:
                taken[original] = queue_like(original, [taken[kind] for kind in original.__mro__ if kind in taken][:1])
            setattr(module, name, taken[original])


def queue_like(original, bases):
    methods = {'put': original.put, 'get': original.get, '__module__': original.__module__, '__doc__': original.__doc__}
    kind = type(original)(original.__name__, (original,) + tuple(bases), methods)
    wrap_queue(kind)
    return kind


# libraries/eventlet.py ---------------------------------------------------------------------------------------------
# Greenlets and pools, and what eventlet's patch replaced.
# supports: eventlet 0.21-0.40

@when_imported('eventlet.greenthread')
def hook_eventlet(module):
    for name in ('spawn', 'spawn_n', 'spawn_after'):
        carry_greenlet(module, name)


@when_imported('eventlet.greenpool')
def hook_eventlet_pool(module):
    remember_size(module.GreenPool, 'workers', 'eventlet GreenPool size', 'size', 1000)
    carry_greenlet(module.GreenPool, 'spawn')
    for name in ('imap', 'starmap'):
        carry_function(module.GreenPool, name, 'greenlet')


@when_imported('eventlet.queue')
def hook_eventlet_queues(module):
    wrap_queue(module.LightQueue)


@when_imported('eventlet.semaphore')
def hook_eventlet_permits(module):
    remember_size(module.Semaphore, 'permits', 'eventlet.semaphore.Semaphore', 'value', 1)
    watch_permits(module.Semaphore, 'semaphore', wrap)


@when_imported('eventlet.patcher')
def hook_eventlet_patcher(module):
    remember_importer(module)


@tells('patches')
def eventlet_patches():
    patcher = sys.modules.get('eventlet.patcher')
    if patcher is None:
        return []
    done = getattr(patcher, 'already_patched', {})
    names = set(PATCHABLE) if done.get('__all__') or not done else set(done)
    if 'thread' in names:
        names.add('threading')
    return patched_modules('eventlet', importers.get('eventlet.patcher'),
                           lambda name: PATCHABLE[name] if done and name in names else ())


# libraries/openssl.py ----------------------------------------------------------------------------------------------
# pyOpenSSL in the place of ssl, and others in its own place.
# supports: pyOpenSSL 19.x-26.x

injected = None  # where urllib3 was told to use pyOpenSSL


@when_imported('urllib3.contrib.pyopenssl', 'requests.packages.urllib3.contrib.pyopenssl')
def hook_injection(module):
    def injects(*_, **__):
        global injected
        injected = place_of(outside())
        environment.stale = True
    wrap(module, 'inject_into_urllib3', injects)


@tells('patches')
def injected_openssl():
    """What urllib3 took from pyOpenSSL in place of its own."""
    found = []
    seen = set()
    for prefix in ('urllib3', 'requests.packages.urllib3', 'pip._vendor.urllib3'):
        for place, name in (('util.ssl_', 'SSLContext'), ('connection', 'ssl_wrap_socket')):
            module = sys.modules.get('%s.%s' % (prefix, place))
            replaced = getattr(module, name, None)
            if getattr(replaced, '__module__', None) != prefix + '.contrib.pyopenssl' or id(module) in seen:
                continue
            seen.add(id(module))
            patch = patch_of('%s.%s.%s' % (prefix, place, name), 'pyOpenSSL', version_of('OpenSSL'), injected)
            patch['replacement'] = class_name(replaced)
            found.append(patch)
    return found


@tells('patches')
def replaced_connection():
    """Which module replaced pyOpenSSL's connection, and which of its waits it did not replace."""
    connection = getattr(sys.modules.get('OpenSSL.SSL'), 'Connection', None)
    if connection is None or connection.__module__ == 'OpenSSL.SSL':
        return []
    owner = connection.__module__.partition('.')[0]
    waits = ('accept', 'connect', 'do_handshake', 'recv', 'recv_into', 'send', 'sendall', 'shutdown')
    left = ['OpenSSL.SSL.Connection.' + name for name in waits if name not in vars(connection)]
    patch = patch_of('OpenSSL.SSL.Connection', owner, version_of(owner), None)
    patch['replacement'] = class_name(connection)
    if left:
        patch['left'] = left
    return [patch]


# core/fixes.py -----------------------------------------------------------------------------------------------------
# Fixes that `abreast watch --try` asks for. Without it nothing of this part runs.

# A line for each: its name and its arguments, with tabs between them.
FIXES = [line.split('\t') for line in os.environ.get('ABREAST_FIXES', '').split('\n') if line]
FIXED = os.environ.get('ABREAST_FIXED')  # the file that tells which of them took effect


def fixes_named(name):
    return [fix[1:] for fix in FIXES if fix[0] == name]


def fixed(*name):
    """Notes that a fix took effect, by its name and its first argument: without a note, it could not be applied."""
    if not FIXED:
        return
    try:
        descriptor = os_open(FIXED, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os_write(descriptor, ('\t'.join(name) + '\n').encode('utf-8'))
        os_close(descriptor)
    except OSError:
        pass  # of a process that outlives the run, whose folder is gone


def fixes(name, *modules):
    """For a function that applies a fix to each of these modules as soon as it is loaded; after all other hooks."""
    def decorate(function):
        for asked in fixes_named(name):
            when_imported(*modules)(lambda module, asked=asked: function(module, *asked))
        return function
    return decorate


def note_variables():
    """Fixes that are a variable alone have taken effect where the process has it."""
    for name, value in fixes_named('variable'):
        if os.environ.get(name) == value:
            fixed('variable', name)


note_variables()


# fixes/limits.py ---------------------------------------------------------------------------------------------------
# Larger limits, where the program makes what has one: `raise`, with its name, its size, its line, and the new size.

NO_LIMIT = -1  # nobody gives it
# module, class, function, argument, its position, its default (None: the library finds one), names
RAISABLE = (
    ('concurrent.futures.thread', 'ThreadPoolExecutor', '__init__', 'max_workers', 0, None,
     ('ThreadPoolExecutor max_workers', 'asyncio default executor max_workers')),
    ('concurrent.futures.process', 'ProcessPoolExecutor', '__init__', 'max_workers', 0, None,
     ('ProcessPoolExecutor max_workers',)),
    ('multiprocessing.pool', 'Pool', '__init__', 'processes', 0, None,
     ('multiprocessing.pool.Pool processes', 'multiprocessing.pool.ThreadPool processes')),
    ('threading', 'Semaphore', '__init__', 'value', 0, 1, ('threading.Semaphore',)),
    ('threading', 'BoundedSemaphore', '__init__', 'value', 0, 1, ('threading.Semaphore',)),
    ('asyncio.locks', 'Semaphore', '__init__', 'value', 0, 1, ('asyncio.Semaphore',)),
    ('asyncio.locks', 'BoundedSemaphore', '__init__', 'value', 0, 1, ('asyncio.Semaphore',)),
    ('anyio._backends._asyncio', 'CapacityLimiter', '__init__', 'total_tokens', 0, NO_LIMIT,
     ('anyio.CapacityLimiter total_tokens',)),
    ('anyio._backends._asyncio', 'Semaphore', '__init__', 'initial_value', 0, NO_LIMIT, ('anyio.Semaphore',)),
    ('trio._sync', 'CapacityLimiter', '__init__', 'total_tokens', 0, NO_LIMIT, ('trio.CapacityLimiter',)),
    ('trio._sync', 'Semaphore', '__init__', 'initial_value', 0, NO_LIMIT, ('trio.Semaphore',)),
    ('gevent.pool', 'Pool', '__init__', 'size', 0, NO_LIMIT, ('gevent.pool.Pool size',)),
    ('eventlet.greenpool', 'GreenPool', '__init__', 'size', 0, 1000, ('eventlet GreenPool size',)),
    ('eventlet.semaphore', 'Semaphore', '__init__', 'value', 0, 1, ('eventlet.semaphore.Semaphore',)),
    ('requests.adapters', 'HTTPAdapter', '__init__', 'pool_maxsize', 1, 10, ('requests HTTPAdapter pool_maxsize',)),
    ('urllib3.connectionpool', 'HTTPConnectionPool', '__init__', 'maxsize', 3, 1, ('urllib3 pool_maxsize',)),
    ('httpcore._sync.connection_pool', 'ConnectionPool', '__init__', 'max_connections', None, 10,
     ('httpcore pool max_connections',)),
    ('httpcore._async.connection_pool', 'AsyncConnectionPool', '__init__', 'max_connections', None, 10,
     ('httpcore pool max_connections',)),
    ('aiohttp.connector', 'BaseConnector', '__init__', 'limit', None, 100, ('aiohttp connector limit',)),
    ('aiohttp.connector', 'BaseConnector', '__init__', 'limit_per_host', None, NO_LIMIT,
     ('aiohttp connector limit_per_host',)),
    ('curl_cffi.requests.session', 'AsyncSession', '__init__', 'max_clients', None, 10,
     ('curl_cffi AsyncSession max_clients',)),
    ('tornado.simple_httpclient', 'SimpleAsyncHTTPClient', 'initialize', 'max_clients', 0, 10,
     ('tornado SimpleAsyncHTTPClient max_clients',)),
    ('twisted.internet.defer', 'DeferredSemaphore', '__init__', 'tokens', 0, NO_LIMIT,
     ('twisted DeferredSemaphore',)),
)


def raised(names, size, where):
    """The name of a limit in a fix, and the size that it gets; None where it is not the one that is to be raised."""
    for name, old, line, new in fixes_named('raise'):
        if name in names and (size is None or size == int(old)) and line in ('', where):
            return name, int(new)
    return None


def raise_where_made(owner, function, argument, position, default, names):
    """Around the probe's own function, so that it sees the new size."""
    original = vars(owner).get(function)
    if original is None:
        return

    def given(self, *args, **kwargs):
        try:
            is_by_position = position is not None and len(args) > position
            size = args[position] if is_by_position else kwargs.get(argument, default)
            found = raised(names + (class_name(type(self)),), size, users_line(outside()))
            if found is not None:
                name, new = found
                if is_by_position:
                    args = args[:position] + (new,) + args[position + 1:]
                else:
                    kwargs[argument] = new
                fixed('raise', name)
        except Exception as error:
            trace.trouble('raise ' + names[0], error)
        return original(self, *args, **kwargs)
    _install(owner, function, original, given)


def raise_limits():
    for module, owner, function, argument, position, default, names in RAISABLE:
        def hook(loaded, owner=owner, rest=(function, argument, position, default, names)):
            kind = getattr(loaded, owner, None)
            if isinstance(kind, type):
                raise_where_made(kind, *rest)
        when_imported(module)(hook)


@fixes('raise', 'anyio.to_thread')
def raise_threads_of_anyio(module, name, size, _, new):
    """Those of its own limiter, which the probe asks for before each of them."""
    if name != 'anyio default thread limiter':
        return
    original = module.current_default_thread_limiter

    def current_default_thread_limiter():
        limiter = original()
        if limiter.total_tokens == int(size):
            limiter.total_tokens = int(new)
            fixed('raise', name)
        return limiter
    _install(module, 'current_default_thread_limiter', original, current_default_thread_limiter)


if fixes_named('raise'):
    raise_limits()


# fixes/gevent.py ---------------------------------------------------------------------------------------------------
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


# fixes/openssl.py --------------------------------------------------------------------------------------------------
# pyOpenSSL stays out of urllib3: who puts it there finds a function that does nothing.

@fixes('no-pyopenssl', 'urllib3.contrib.pyopenssl', 'requests.packages.urllib3.contrib.pyopenssl')
def keep_pyopenssl_out(module):
    def inject_into_urllib3():
        fixed('no-pyopenssl')
    _install(module, 'inject_into_urllib3', module.inject_into_urllib3, inject_into_urllib3)


# fixes/requests.py -------------------------------------------------------------------------------------------------
# Connections that are kept: sessions of requests share theirs, and nothing else.

@fixes('keep-alive', 'requests.sessions')
def share_connections(module):
    shared = {}

    def mounts(session, *_, **__):
        return session

    def mounted(session, _, error):
        if error is not None:
            return
        for prefix, adapter in list(session.adapters.items()):
            if type(adapter).__module__ == 'requests.adapters':
                session.adapters[prefix] = shared.get(prefix) or shared.setdefault(prefix, kept(adapter))
        fixed('keep-alive')

    def kept(adapter):
        fresh = type(adapter)(pool_maxsize=1000)
        fresh.close = lambda: None  # a session that ends leaves them open
        return fresh
    wrap(module.Session, '__init__', mounts, mounted)


# core/imports.py ---------------------------------------------------------------------------------------------------
# Learns of each import, so that a library is wrapped as soon as it is loaded.

class Finder(object):
    """Stands first among the finders, and lets all others find; it only adds a word to what they found."""

    def __init__(self):
        self.busy = set()

    def find_spec(self, name, path=None, target=None):
        if name not in hooks or name in self.busy:
            return None
        self.busy.add(name)
        try:
            for finder in sys.meta_path:
                if finder is self or not hasattr(finder, 'find_spec'):
                    continue
                spec = finder.find_spec(name, path, target)
                if spec is not None:
                    self.add_hook(spec)
                    return spec
            return None
        finally:
            self.busy.discard(name)

    def add_hook(self, spec):
        loader = spec.loader
        original = getattr(loader, 'exec_module', None)
        if original is None or isinstance(loader, type):
            return

        def exec_module(module):
            try:
                original(module)
            finally:
                try:
                    del loader.exec_module
                except AttributeError:
                    pass
            run_hooks(spec.name, sys.modules.get(spec.name, module))
        try:
            loader.exec_module = exec_module
        except Exception as error:
            trace.trouble('loader of ' + spec.name, error)

    # Python 2.7

    def find_module(self, name, path=None):
        return self if PY2 and name in hooks and name not in self.busy else None

    def load_module(self, name):
        self.busy.add(name)
        try:
            __import__(name)
            module = sys.modules[name]
        finally:
            self.busy.discard(name)
        run_hooks(name, module)
        return module


# core/start.py -----------------------------------------------------------------------------------------------------
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
