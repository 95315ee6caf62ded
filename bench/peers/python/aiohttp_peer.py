import asyncio

import aiohttp

from job import concurrency, finish, keep, keep_error, urls


async def slot(session, todo):
    for index, url in todo:
        try:
            async with session.get(url) as response:
                body = await response.read()
                keep(index, response.status, body.decode(), len(body))
        except Exception as error:
            keep_error(index, error)


async def main():
    connector = aiohttp.TCPConnector(limit=concurrency, ssl=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        todo = iter(enumerate(urls))
        await asyncio.gather(*(slot(session, todo) for _ in range(concurrency)))


asyncio.run(main())
finish()
