"""N GETs of URL by two processes that the pool ends with SIGTERM."""
import multiprocessing
import os
from urllib.request import urlopen


def get(_):
    return len(urlopen(os.environ["URL"]).read()) > 0


if __name__ == "__main__":
    with multiprocessing.get_context("fork").Pool(2) as pool:
        print(sum(pool.map(get, range(int(os.environ["N"])))))
