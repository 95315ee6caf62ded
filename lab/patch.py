# -*- coding: utf-8 -*-
"""Puts a story's patch into the packages of the Python that runs this, takes it out again, or says which is the case.

    venv/bin/python lab/patch.py status lab/grequests/patches/recv-into.diff

The patch is a unified diff of one file, named relative to site-packages; the text before it says the SHA-256 of that file
before and after. A file that is neither is left alone. Standard library only, Python 2.7 and 3.
Exit code: 0 when the file is now as it was asked for (for `status`: when it is known), 1 when nothing could be done.
"""
from __future__ import print_function

import argparse
import glob
import hashlib
import json
import os
import re
import sys
import tempfile


def main():
    args = arguments()
    try:
        state, file, did = change(args.verb, Patch(args.diff))
    except Refused as refused:
        if args.json:
            print(json.dumps({'error': str(refused)}))
        else:
            print('patch.py: %s' % refused, file=sys.stderr)
        return 1
    if args.json:
        print(json.dumps({'state': state, 'file': file, 'changed': did}))
    else:
        print('%s: %s%s' % (file, state, '' if did or args.verb == 'status' else ' already, nothing done'))
    return 0


class Refused(Exception):
    """Why nothing was done, and what to do."""


def change(verb, patch):
    """Does it; gives the file's state ('original' or 'patched'), its path, and whether it was changed."""
    file = installed(patch.name)
    with open(file, 'rb') as stream:
        content = stream.read()
    state = patch.states.get(sha256(content))
    if state is None:
        raise Refused('%s is not the file that this patch knows, and is left alone (its sha256 is %s, not %s)' % (
            file, sha256(content), ' or '.join(sorted(patch.states, key=patch.states.get))))
    wanted = {'apply': 'patched', 'revert': 'original', 'status': state}[verb]
    if wanted == state:
        return state, file, False
    changed = patch.of(content, backwards=verb == 'revert')
    if patch.states.get(sha256(changed)) != wanted:
        raise Refused('%s: the sha256 in its text are not those of its diff' % patch.path)
    replace(file, changed)
    return wanted, file, True


def installed(name):
    """The file, as an import would find it; nothing is imported."""
    for folder in sys.path:
        path = os.path.join(folder or '.', *name.split('/'))
        if os.path.isfile(path):
            return path
    raise Refused('%s is not installed for %s' % (name.split('/')[0], sys.executable))


class Patch(object):
    """A unified diff of one file, to be applied to what it was made from or not at all."""

    def __init__(self, path):
        self.path = path
        try:
            with open(path, 'rb') as stream:
                text, mark, diff = stream.read().partition(b'--- a/')
        except (IOError, OSError) as error:
            raise Refused('%s: %s' % (path, error.strerror))
        sums = dict(re.findall(r'^sha256 (before|after) +([0-9a-f]{64})$', text.decode('utf-8'), re.M))
        lines = (mark + diff).splitlines(True)
        if len(sums) != 2 or len(lines) < 3 or not lines[1].startswith(b'+++ b/'):
            raise Refused('%s is no patch of a story: sha256 before, sha256 after, and the diff of one file' % path)
        self.states = {sums['before']: 'original', sums['after']: 'patched'}
        self.name = lines[0][len(b'--- a/'):].split()[0].decode('utf-8')
        self.lines = lines[2:]

    def of(self, content, backwards):
        """The content patched, or unpatched."""
        old, new = (b'+', b'-') if backwards else (b'-', b'+')
        source, at, made = content.splitlines(True), 0, []
        for line in self.lines:
            hunk = re.match(br'@@ -(\d+)(?:,\d+)? \+(\d+)(?:,\d+)? @@', line)
            if hunk:
                start = int(hunk.group(2 if backwards else 1)) - 1
                made += source[at:start]
                at = start
            elif line[:1] == new:
                made.append(line[1:])
            elif line[:1] in (b' ', old):
                if source[at:at + 1] != [line[1:]]:
                    raise Refused('%s does not fit at line %d' % (self.path, at + 1))
                if line[:1] == b' ':
                    made.append(line[1:])
                at += 1
        return b''.join(made + source[at:])


def replace(file, content):
    """As a whole or not at all. The old file may be a link into the cache of an installer: that one stays as it was."""
    folder, name = os.path.split(file)
    try:
        handle, path = tempfile.mkstemp(prefix=name, dir=folder)
        with os.fdopen(handle, 'wb') as stream:
            stream.write(content)
        os.chmod(path, os.stat(file).st_mode & 0o777)
        os.rename(path, file)
        # Compiled code is known by the second of its source's change: one that was compiled just now would stay in use.
        for compiled in glob.glob(file + 'c') + glob.glob(os.path.join(folder, '__pycache__', name[:-3] + '.*.pyc')):
            os.remove(compiled)
    except (IOError, OSError) as error:
        raise Refused("%s can't be changed: %s" % (error.filename or file, error.strerror))


def sha256(content):
    return hashlib.sha256(content).hexdigest()


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument('verb', choices=['apply', 'revert', 'status'])
    parser.add_argument('diff', help='the patch')
    parser.add_argument('--json', action='store_true', help='say it as JSON: state, file, changed; or error')
    return parser.parse_args()


if __name__ == '__main__':
    sys.exit(main())
