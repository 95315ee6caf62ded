"""N GETs of URL by one httpx.Client in N threads."""
import os
from concurrent.futures import ThreadPoolExecutor

import httpx

URL, N = os.environ["URL"], int(os.environ["N"])
with httpx.Client() as client, ThreadPoolExecutor(N) as pool:
    print(sum(pool.map(lambda _: client.get(URL).is_success, range(N))), "of", N)
