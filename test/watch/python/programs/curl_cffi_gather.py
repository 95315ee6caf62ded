"""N GETs of URL by curl_cffi's AsyncSession, with CLIENTS at once and PERMITS in a semaphore, where they are given; THREADS: in threads."""
import asyncio
import os
from concurrent.futures import ThreadPoolExecutor

from curl_cffi import requests

URL, N = os.environ["URL"], int(os.environ["N"])
CLIENTS, PERMITS = int(os.environ.get("CLIENTS", N)), int(os.environ.get("PERMITS", N))


async def main():
    semaphore = asyncio.Semaphore(PERMITS)
    async with requests.AsyncSession(max_clients=CLIENTS, verify=False) as session:
        async def get():
            async with semaphore:
                return (await session.get(URL)).ok
        print(sum(await asyncio.gather(*(get() for _ in range(N)))), "of", N)


if "THREADS" in os.environ:
    with ThreadPoolExecutor(N) as pool:
        print(sum(pool.map(lambda _: requests.get(URL, verify=False).ok, range(N))), "of", N)
else:
    asyncio.run(main())
