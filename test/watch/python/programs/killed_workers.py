"""Two GETs of URL by the worker processes of a Pool, which are killed as soon as all results are there."""
import multiprocessing
import os
import signal
from urllib.request import urlopen


def get(_):
    urlopen(os.environ["URL"]).read()
    return os.getpid()


if __name__ == "__main__":
    pool = multiprocessing.get_context("fork").Pool(2)
    for pid in set(pool.map(get, range(2), chunksize=1)):
        os.kill(pid, signal.SIGKILL)
    os._exit(0)
