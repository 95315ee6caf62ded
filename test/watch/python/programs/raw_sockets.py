"""Six GETs of URL over sockets by hand: in three threads, and in three tasks under a semaphore of one."""
import asyncio
import os
import socket
import threading

PLACE, PATH = os.environ["URL"].partition("//")[2].partition("/")[::2]
HOST, PORT = PLACE.split(":")
REQUEST = ("GET /%s HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n" % (PATH, PLACE)).encode()


def get():
    connection = socket.create_connection((HOST, int(PORT)))
    connection.sendall(REQUEST)
    while connection.recv(4096):
        pass
    connection.close()


threads = [threading.Thread(target=get) for _ in range(3)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()


async def get_in_turn(permits):
    async with permits:
        reader, writer = await asyncio.open_connection(HOST, int(PORT))
        writer.write(REQUEST)
        await reader.read()
        writer.close()


async def main():
    permits = asyncio.Semaphore(1)
    await asyncio.gather(*[get_in_turn(permits) for _ in range(3)])


asyncio.get_event_loop_policy().new_event_loop().run_until_complete(main())
