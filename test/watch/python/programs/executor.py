"""N GETs of URL by an executor of WORKERS."""
import os
from concurrent.futures import ThreadPoolExecutor
from urllib.request import urlopen

URL, N, WORKERS = os.environ["URL"], int(os.environ["N"]), int(os.environ["WORKERS"])


def get(_):
    with urlopen(URL) as response:
        return len(response.read()) > 0


with ThreadPoolExecutor(WORKERS) as pool:
    print("%d of %d" % (sum(pool.map(get, range(N))), N))
