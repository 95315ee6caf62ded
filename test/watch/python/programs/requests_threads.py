"""N GETs of URL by one requests.Session in N threads, with POOL connections that are waited for where it is given."""
import os
from concurrent.futures import ThreadPoolExecutor

import requests

URL, N, POOL = os.environ["URL"], int(os.environ["N"]), int(os.environ.get("POOL", 0))
session = requests.Session()
if POOL:
    session.mount("http://", requests.adapters.HTTPAdapter(pool_maxsize=POOL, pool_block=True))
with ThreadPoolExecutor(N) as pool:
    print(sum(pool.map(lambda _: session.get(URL).ok, range(N))), "of", N)
