"""N GETs of URL by aiohttp; LIMIT connections a host, and PERMITS in a semaphore, where they are given."""
import asyncio
import os

import aiohttp

URL, N = os.environ["URL"], int(os.environ["N"])
LIMIT, PERMITS = int(os.environ.get("LIMIT", 0)), int(os.environ.get("PERMITS", 1000))


async def main():
    semaphore = asyncio.Semaphore(PERMITS)
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit_per_host=LIMIT, ssl=False)) as session:
        async def get():
            async with semaphore:
                async with session.get(URL) as response:
                    await response.read()
                    return response.status == 200
        print(sum(await asyncio.gather(*(get() for _ in range(N)))), "of", N)


asyncio.run(main())
