# -*- coding: utf-8 -*-
"""Where the time goes, by cProfile: the functions in which the program itself stands longest.

    python scenes/profile.py 10 https://127.0.0.1:8443/delay/1
"""
from __future__ import print_function

import sys

# This folder has a profile.py, and cProfile wants the standard library's.
here = sys.path.pop(0)
import cProfile  # noqa: E402
sys.path.insert(0, here)

import argparse  # noqa: E402

import subject  # noqa: E402


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--rows', type=int, default=8, help='how many functions to show (default: 8)')
    args = subject.arguments(parser)
    get = subject.prepare(args)

    profile = cProfile.Profile()
    got = profile.runcall(get)

    code = subject.came(args, got)
    print('\n%9s %6s %7s  %s' % ('seconds', 'share', 'calls', 'function'))
    rows = sorted(profile.getstats(), key=lambda row: -row.inlinetime)[:args.rows]
    for row in rows:
        share = 100 * row.inlinetime / got[1]
        print('%9.3f %5.0f%% %7d  %s' % (row.inlinetime, share, row.callcount, name_of(row.code)))
    return code


def name_of(code):
    """A function of Python by its place; one of C says itself what it is."""
    if isinstance(code, str):
        return code.strip('<>')
    return '%s  %s:%d' % (code.co_name, subject.origin(code.co_filename), code.co_firstlineno)


if __name__ == '__main__':
    sys.exit(main())
