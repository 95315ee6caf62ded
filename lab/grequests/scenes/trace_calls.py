# -*- coding: utf-8 -*-
"""Who calls whom, from grequests down to the wait: a tree of all calls, of which those that took long are shown.

    python scenes/trace_calls.py 10 https://127.0.0.1:8443/delay/1 --depth 40 --filter urllib3

The seconds of a line are those of all its calls together: calls that wait at the same time, each in a greenlet of its own,
have more of them than the clock. Those in which it `stood` passed without any other call being begun or ended: while one
greenlet was in there, none of the others could run.
"""
from __future__ import print_function

import argparse
import sys
from timeit import default_timer as clock

import subject


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('--depth', type=int, default=60, help='how many calls deep (default: 60)')
    parser.add_argument('--filter', default='', metavar='TEXT', help='functions whose module has this in its name only')
    parser.add_argument('--least', type=float, metavar='SECONDS',
                        help='leave out what took less, all calls together (default: a twentieth of the whole)')
    args = subject.arguments(parser)
    get = subject.prepare(args)

    tree = Tree()
    sys.setprofile(tree.event)
    try:
        got = get()
    finally:
        sys.setprofile(None)

    code = subject.came(args, got)
    print('\n%6s %8s %7s  %s' % ('calls', 'seconds', 'stood', 'function'))
    show(tree.root, args, got[1] / 20 if args.least is None else args.least)
    return code


class Tree(object):
    """All calls by the way that leads to them. Every greenlet has a stack of its own, so a call's place is told by its
    frame, whoever was running before."""

    def __init__(self):
        self.root = Node('', None)
        self.running = {}  # the frame of a call, or of a call into C -> its node, since when, after how many events
        self.events = 0

    def event(self, frame, event, function):
        self.events += 1
        if event == 'call':
            code = frame.f_code
            name = '%s.%s:%d' % (frame.f_globals.get('__name__'), code.co_name, code.co_firstlineno)
            back = frame.f_back  # which may have called it by way of C
            self.began(frame, self.running.get((back, 'C')) or self.running.get(back), name)
        elif event == 'c_call':
            self.began((frame, 'C'), self.running.get(frame), name_of(function))
        else:
            self.ended(frame if event == 'return' else (frame, 'C'))

    def began(self, call, caller, name):
        self.running[call] = (caller[0] if caller else self.root).calling(name), self.events, clock()

    def ended(self, call):
        if call in self.running:
            node, events, since = self.running.pop(call)
            node.calls += 1
            node.took(clock() - since, self.events == events + 1)


class Node(object):
    """A function, as it was called on one way."""

    def __init__(self, name, caller):
        self.name = name
        self.caller = caller
        self.calls = 0
        self.seconds = 0.0
        self.stood = 0.0
        self.callees = {}

    def calling(self, name):
        if name not in self.callees:
            self.callees[name] = Node(name, self)
        return self.callees[name]

    def took(self, seconds, stood):
        self.seconds += seconds
        node = self if stood else None
        while node is not None:
            node.stood += seconds
            node = node.caller


def name_of(function):
    """Of a function of C: 'select.poll.poll', '_socket.socket.connect'."""
    owner = getattr(function, '__self__', None)
    if owner is None or isinstance(owner, type(sys)):
        return '%s.%s' % (getattr(function, '__module__', None) or 'builtins', function.__name__)
    kind = owner if isinstance(owner, type) else type(owner)
    return '%s.%s.%s' % (kind.__module__, kind.__name__, function.__name__)


def show(node, args, least, depth=0):
    """The callees that held up the others longest first. What is filtered out leaves its callees to its caller."""
    for callee in sorted(node.callees.values(), key=lambda one: (-one.stood, -one.seconds)):
        if callee.seconds < least or depth >= args.depth:
            continue
        if args.filter in callee.name:
            print('%6d %8.2f %7.2f  %s%s' % (callee.calls, callee.seconds, callee.stood, ' ' * depth, callee.name))
            show(callee, args, least, depth + 1)
        else:
            show(callee, args, least, depth)


if __name__ == '__main__':
    sys.exit(main())
