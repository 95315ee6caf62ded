# -*- coding: utf-8 -*-
"""Prints a drawing that lies beside this: who-injects-whom or send-block-recv."""
import io
import os
import sys


def main():
    path = os.path.join(os.path.dirname(os.path.abspath(__file__)), sys.argv[1] + '.txt')
    with io.open(path, encoding='ascii') as stream:
        sys.stdout.write(str(stream.read()))


main()
