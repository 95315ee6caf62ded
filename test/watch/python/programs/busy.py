"""5 coroutines; each GETs URL twice through aiohttp and computes after each."""
import asyncio
import os

import aiohttp

URL = os.environ["URL"]


def compute():
    return sum(number * number for number in range(2000000))


async def worker(session):
    for _ in range(2):
        async with session.get(URL) as response:
            await response.read()
        compute()


async def main():
    async with aiohttp.ClientSession() as session:
        await asyncio.gather(*(worker(session) for _ in range(5)))


asyncio.run(main())
