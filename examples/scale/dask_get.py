"""Fetches the URLs of standard input on a Dask cluster, and prints abreast's results, one JSON object a line.

    python dask_get.py tcp://SCHEDULER:8786 < urls.txt > results.jsonl

A task is one `abreast get` over a chunk of the URLs, on whichever worker is free. A task whose worker is lost runs again
elsewhere, from its beginning, and its results are printed once. Each worker needs abreast on its PATH (or ABREAST set to
the command). The limits of abreast hold within a task: with N threads in all workers, a site sees N times as many.
"""

import os
import shlex
import subprocess
import sys

from dask.distributed import Client, as_completed

CHUNK = int(os.environ.get("CHUNK", "1000"))
OPTIONS = shlex.split(os.environ.get("ABREAST_OPTIONS", ""))


def fetch(urls, options):
    """The results of these URLs, as lines of JSON; runs on a worker."""
    command = shlex.split(os.environ.get("ABREAST", "abreast"))
    got = subprocess.run(
        [*command, "get", "-", "-o", "-", "--quiet", *options],
        input="".join(f"{url}\n" for url in urls),
        stdout=subprocess.PIPE,
        text=True,
    )
    if got.returncode not in (0, 1):  # 1: some requests failed, and their results say why
        raise RuntimeError(f"abreast ended with {got.returncode}; the worker's log has its error")
    lines = got.stdout.splitlines()
    if len(lines) != len(urls):
        raise RuntimeError(f"{len(lines)} results of {len(urls)} URLs")
    return lines


def main():
    urls = [line.strip() for line in sys.stdin if line.strip()]
    chunks = [urls[at : at + CHUNK] for at in range(0, len(urls), CHUNK)]
    with Client(sys.argv[1]) as client:
        tasks = client.map(fetch, chunks, options=OPTIONS, pure=False)
        for task in as_completed(tasks):
            print("\n".join(task.result()), flush=True)


if __name__ == "__main__":
    main()
