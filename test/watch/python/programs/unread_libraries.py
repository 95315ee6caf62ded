"""Three GETs of URL one after another with each library, whose bodies nobody reads."""
import asyncio
import os

import aiohttp
import httpx
import requests

URL = os.environ["URL"]
kept = [requests.get(URL, stream=True) for _ in range(3)]


async def aiohttp_status():
    async with aiohttp.ClientSession() as session:
        return [(await session.get(URL)).status for _ in range(3)]


with httpx.Client() as client:
    for _ in range(3):
        with client.stream("GET", URL):
            pass
    streams = [client.send(client.build_request("GET", URL), stream=True) for _ in range(3)]
    asyncio.run(aiohttp_status())
