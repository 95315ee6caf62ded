"""httpx over HTTP/1.1, or over HTTP/2 with the word h2 at the end."""

import asyncio
import sys

import httpx

from job import concurrency, finish, keep, keep_error, urls


async def slot(client, todo):
    for index, url in todo:
        try:
            response = await client.get(url)
            keep(index, response.status_code, response.text, len(response.content))
        except Exception as error:
            keep_error(index, error)


async def main():
    limits = httpx.Limits(max_connections=concurrency, max_keepalive_connections=concurrency)
    http2 = sys.argv[4:] == ["h2"]
    async with httpx.AsyncClient(verify=False, http2=http2, limits=limits, timeout=60) as client:
        todo = iter(enumerate(urls))
        await asyncio.gather(*(slot(client, todo) for _ in range(concurrency)))


asyncio.run(main())
finish()
