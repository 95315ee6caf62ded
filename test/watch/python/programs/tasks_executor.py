"""N GETs of URL, one after the other behind a semaphore: each task hands its request to an executor."""
import asyncio
import os
from urllib.request import urlopen

URL, N = os.environ["URL"], int(os.environ["N"])


def fetch():
    urlopen(URL).read()


async def get(permit, loop):
    async with permit:
        await loop.run_in_executor(None, fetch)


async def main(loop):
    permit = asyncio.Semaphore(1)
    await asyncio.gather(*[get(permit, loop) for _ in range(N)])


loop = asyncio.new_event_loop()
asyncio.set_event_loop(loop)
loop.run_until_complete(main(loop))
