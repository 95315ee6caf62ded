"""N GETs of URL by httpx, with HTTP/2 where HTTP2 is given and CONNECTIONS at most."""
import asyncio
import os

import httpx

URL, N = os.environ["URL"], int(os.environ["N"])
LIMITS = httpx.Limits(max_connections=int(os.environ.get("CONNECTIONS", 100)))


async def main():
    async with httpx.AsyncClient(http2="HTTP2" in os.environ, verify=False, limits=LIMITS, timeout=None) as client:
        responses = await asyncio.gather(*(client.get(URL) for _ in range(N)))
        print(sum(response.is_success for response in responses), "of", N)


asyncio.run(main())
