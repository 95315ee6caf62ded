# -*- coding: utf-8 -*-
"""What the scenes look at: the GETs of program.py by grequests, ready to be started."""
from __future__ import print_function

import os
import sys
import warnings
from timeit import default_timer as clock

FOLDER = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path.insert(0, FOLDER)

import program  # noqa: E402


def arguments(parser):
    """A scene's own options, and those of the program."""
    parser.add_argument('--way', choices=program.WAYS, default='grequests', help='what does the GETs')
    program.add_arguments(parser)
    return parser.parse_args()


def prepare(args, sees=None):
    """A function that does the GETs and gives (right answers, seconds). `sees` is called with each answer."""
    warnings.filterwarnings('ignore', 'Unverified HTTPS request')
    try:
        get_all = program.prepare(args)
    except ImportError as error:
        sys.exit('%s (%s)' % (error, sys.executable))
    urls = [program.numbered(args.url, i) for i in range(args.n)]
    options = {'verify': False, 'hooks': {'response': sees or (lambda answer, **_: None)}}

    def get():
        started = clock()
        answers = get_all(urls, options)
        return sum(program.is_right(answer, url) for answer, url in zip(answers, urls)), clock() - started
    return get


def came(args, got):
    """Says what came, and gives the exit code."""
    ok, seconds = got
    print('%d of %d GETs by %s answered in %.2f s.' % (ok, args.n, args.way, seconds))
    return 0 if ok == args.n else 1


def origin(path):
    """A file as it is imported: 'urllib3/util/wait.py', not where it happens to lie."""
    folders = sorted((folder for folder in sys.path if folder), key=len, reverse=True)
    return next((path[len(folder) + 1:] for folder in folders if path.startswith(folder + os.sep)), path)
