# -*- coding: utf-8 -*-
"""What the connections are: the class of each one's socket, and of what that wraps.

    python scenes/socket_class.py 10 https://127.0.0.1:8443/delay/1
"""
from __future__ import print_function

import argparse
import collections
import sys

import subject
from program import chain_of_classes, socket_of


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    args = subject.arguments(parser)
    chains = collections.Counter()

    def sees(answer, **_):
        chains[tuple(chain_of_classes(socket_of(answer)))] += 1

    code = subject.came(args, subject.prepare(args, sees)())
    for chain, connections in chains.most_common():
        print('\n%d connection%s:' % (connections, '' if connections == 1 else 's'))
        for depth, name in enumerate(chain or ['not known']):
            print('  %s%s' % ('   ' * (depth - 1) + '`- ' if depth else '', name))
    return code


if __name__ == '__main__':
    sys.exit(main())
