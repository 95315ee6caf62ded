# -*- coding: utf-8 -*-
"""n GETs of one slow URL, one after the other or at once: how long do they take?

    python program.py requests  5 https://127.0.0.1:8443/delay/1     about 5 s
    python program.py grequests 5 https://127.0.0.1:8443/delay/1     about 1 s. If it is so

The same text runs on Python 2.7 to 3.14; what makes the difference is what is installed. Answers are told on standard
error as they come. When all is over, one line of JSON on standard output says what came of it.
Exit code: 0 when every answer came and is right, 1 when not, 2 when something is not installed.
"""
from __future__ import print_function

import argparse
import collections
import json
import platform
import re
import sys
import warnings
from timeit import default_timer as clock


# The program -------------------------------------------------------------------------------------------------------

def by_requests(urls, options):
    import requests
    return [attempt(requests.get, url, options) for url in urls]


def by_grequests(urls, options):
    import grequests
    return grequests.map([grequests.get(url, **options) for url in urls], exception_handler=lambda _, error: error)


# The same with less installed, for `abreast stages 0` --------------------------------------------------------------

def by_gevent(urls, options):
    import gevent
    import requests
    return [job.get() for job in [gevent.spawn(attempt, requests.get, url, options) for url in urls]]


def by_threads(urls, options):
    import requests
    return in_threads(lambda url: attempt(requests.get, url, options), urls)


def by_urllib(urls, options):
    return [attempt(urllib_get, url, options) for url in urls]


def by_urllib_threads(urls, options):
    return in_threads(lambda url: attempt(urllib_get, url, options), urls)


def urllib_get(url, verify, hooks):
    import ssl
    try:
        from urllib.request import urlopen
    except ImportError:  # Python 2
        from urllib2 import urlopen
    context = None if verify or not url.startswith('https:') else ssl._create_unverified_context()
    response = urlopen(url, context=context)
    answer = Answer(response.getcode(), response.read().decode('utf-8', 'replace'), raw=response)
    hooks['response'](answer)
    return answer


Answer = collections.namedtuple('Answer', 'status_code text raw')


def in_threads(function, items):
    from multiprocessing.pool import ThreadPool
    return ThreadPool(len(items)).map(function, items, 1)


def attempt(get, url, options):
    """The answer, or what was raised."""
    try:
        return get(url, **options)
    except Exception as error:
        return error


# What is imported before the clock starts, in this order: what patches the standard library has to be first.
WAYS = collections.OrderedDict([
    ('requests', (['requests'], by_requests)),
    ('grequests', (['grequests', 'requests'], by_grequests)),
    ('gevent', (['gevent.monkey', 'requests'], by_gevent)),
    ('threads', (['requests'], by_threads)),
    ('urllib', ([], by_urllib)),
    ('urllib-threads', ([], by_urllib_threads)),
])


def prepare(args):
    """All imports, and what a stage does beyond installing something."""
    if args.patch_select:  # stage 5: before all others, the one thing that grequests leaves out
        import gevent.monkey
        gevent.monkey.patch_select()
    modules, way = WAYS[args.way]
    for name in modules:
        __import__(name)
        if name == 'gevent.monkey':
            sys.modules[name].patch_all(thread=False, select=False)  # what grequests does when it is imported
    if args.gevent_openssl:  # stages 3 and 4
        import gevent_openssl
        gevent_openssl.monkey_patch()
    if args.inject:  # what requests did by itself before 2.24, wherever it found pyOpenSSL
        import urllib3.contrib.pyopenssl
        urllib3.contrib.pyopenssl.inject_into_urllib3()
    return way


def main():
    args = arguments()
    warnings.filterwarnings('ignore', 'Unverified HTTPS request')  # the server's certificate is its own
    try:
        get_all = prepare(args)
    except ImportError as error:
        print('program.py: %s (%s)' % (error, sys.executable), file=sys.stderr)
        return 2
    urls = [numbered(args.url, i) for i in range(args.n)]
    witness = Witness()
    print('%d GETs of %s by %s' % (args.n, args.url, args.way), file=sys.stderr)

    answers = get_all(urls, {'verify': False, 'hooks': {'response': witness.sees}})
    seconds = clock() - witness.started

    ok = sum(is_right(answer, url) for answer, url in zip(answers, urls))
    errors = sorted(set(told(answer) for answer in answers if isinstance(answer, Exception)))
    print('%d of %d in %.2f s' % (ok, args.n, seconds), *errors, sep='\n', file=sys.stderr)
    print(json.dumps({
        'way': args.way,
        'n': args.n,
        'ok': ok,
        'seconds': round(seconds, 3),
        'socket': witness.socket,
        'version': platform.python_version(),
        'modules': versions(),
        'errors': errors,
    }, sort_keys=True))
    return 0 if ok == args.n else 1


# What is seen of it ------------------------------------------------------------------------------------------------

class Witness(object):
    """Sees each answer when its header has come: when that was, and through what socket."""

    def __init__(self):
        self.started = clock()
        self.seen = 0
        self.socket = []

    def sees(self, response, **_):
        self.seen += 1
        print('%8.2f s  answer %d: %d' % (clock() - self.started, self.seen, response.status_code), file=sys.stderr)
        if not self.socket:
            self.socket = chain_of_classes(socket_of(response))


def socket_of(response):
    """What requests' answer comes through. Its body is not read yet, so urllib3 still holds the connection."""
    return getattr(getattr(response.raw, '_connection', None), 'sock', None)


def chain_of_classes(sock):
    """The classes of a socket and of what it wraps, from the outside in."""
    chain = []
    while sock is not None:
        name = '%s.%s' % (type(sock).__module__, type(sock).__name__)
        if chain and chain[-1] == name:
            break  # some hold one of their own kind, and that one itself
        chain.append(name)
        wrapped = [getattr(sock, name, None) for name in WRAPPED if hasattr(sock, name)]
        sock = next((one for one in wrapped if one is not None), None)
    return chain


# Where urllib3's pyOpenSSL socket, gevent_openssl's connection, pyOpenSSL's own, and a Python socket have what they wrap.
WRAPPED = ('connection', '_connection', '_socket', '_sock')


def numbered(url, i):
    return '%s%sget=%d' % (url, '&' if '?' in url else '?', i)


def is_right(answer, url):
    """Whether it is the answer to this GET: where the server tells what URL it was asked for, it has to be this one."""
    if isinstance(answer, Exception) or answer is None or answer.status_code != 200:
        return False
    try:
        told_url = json.loads(answer.text)['url']
    except (ValueError, KeyError, TypeError):
        return True  # no httpbin
    return told_url.split('?')[-1] == url.split('?')[-1]


def told(error):
    """What went wrong, without what is different each time."""
    return re.sub(r' at 0x\w+|[?&]get=\d+', '', '%s: %s' % (type(error).__name__, error))


def versions():
    """Of the modules that matter and are loaded, as pip knows them."""
    try:
        from importlib.metadata import version
    except ImportError:  # before Python 3.8
        try:
            from pkg_resources import get_distribution
        except ImportError:  # no setuptools either
            return {}

        def version(name):
            return get_distribution(name).version
    found = {}
    for module, distribution in DISTRIBUTIONS:
        if module in sys.modules:
            try:
                found[distribution] = version(distribution)
            except Exception:  # each of the two has its own way to say that pip did not install it
                found[distribution] = getattr(sys.modules[module], '__version__', 'unknown')
    return found


DISTRIBUTIONS = [('requests', 'requests'), ('grequests', 'grequests'), ('urllib3', 'urllib3'), ('gevent', 'gevent'),
                 ('greenlet', 'greenlet'), ('OpenSSL', 'pyOpenSSL'), ('cryptography', 'cryptography'),
                 ('gevent_openssl', 'gevent-openssl')]


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('way', choices=WAYS)
    add_arguments(parser)
    return parser.parse_args()


def add_arguments(parser):
    parser.add_argument('n', type=int, help='how many GETs')
    parser.add_argument('url', help='of what: /delay/1 of go-httpbin, httpbin or `abreast serve`')
    parser.add_argument('--gevent-openssl', action='store_true', help='call gevent_openssl.monkey_patch()')
    parser.add_argument('--patch-select', action='store_true', help='let gevent patch select too, before all else')
    parser.add_argument('--inject', action='store_true', help='put pyOpenSSL into urllib3, as requests once did')


if __name__ == '__main__':
    sys.exit(main())
