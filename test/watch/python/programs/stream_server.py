"""A server of asyncio.start_server, which for each of two requests over one connection asks URL."""
import asyncio
import os
from urllib.request import urlopen

ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


async def handle(reader, writer):
    while await reader.readline():
        while (await reader.readline()).strip():
            pass
        urlopen(os.environ["URL"]).read()
        writer.write(ANSWER)
        await writer.drain()
    writer.close()


async def main():
    server = await asyncio.start_server(handle, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    reader, writer = await asyncio.open_connection(host, port)
    for number in range(2):
        writer.write(("GET /item/%d?page=1 HTTP/1.1\r\nHost: %s\r\n\r\n" % (number, host)).encode())
        await reader.readexactly(len(ANSWER))
    writer.close()
    server.close()


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
