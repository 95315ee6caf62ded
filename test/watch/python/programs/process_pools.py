"""Six GETs of URL by two worker processes of a Pool or a ProcessPoolExecutor, which are started as argv[2] says."""
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from urllib.request import urlopen

URL = os.environ["URL"]


def get(_):
    urlopen(URL).read()


if __name__ == "__main__":
    multiprocessing.set_start_method(sys.argv[2])
    if sys.argv[1] == "Pool":
        with multiprocessing.Pool(2) as pool:
            pool.map(get, range(6), chunksize=1)
    else:
        with ProcessPoolExecutor(2) as executor:
            list(executor.map(get, range(6)))
