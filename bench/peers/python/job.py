"""What every Python peer does around its GETs: take the URLs, write one JSON line per answer."""

import json
import sys

urls = open(sys.argv[1]).read().split()
concurrency = int(sys.argv[2])
_out = open(sys.argv[3], "w", buffering=1 << 18)


def keep(index, status, body, size):
    """Keep one answer."""
    _out.write(json.dumps({"index": index, "status": status, "bytes": size, "body": body}) + "\n")


def keep_error(index, error):
    """Keep one failure."""
    _out.write(json.dumps({"index": index, "error": repr(error)}) + "\n")


def finish():
    _out.close()
