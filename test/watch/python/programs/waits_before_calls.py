"""Six GETs of URL each through anyio's limiter of two threads, a pool of two greenlets, and grequests' map of two."""
import os
import sys

URL, WHAT = os.environ["URL"], sys.argv[1]
if WHAT == "anyio":
    from urllib.request import urlopen

    import anyio
    import anyio.to_thread

    async def main():
        anyio.to_thread.current_default_thread_limiter().total_tokens = 2
        async with anyio.create_task_group() as group:
            for _ in range(6):
                group.start_soon(anyio.to_thread.run_sync, lambda: urlopen(URL).read())

    anyio.run(main)
elif WHAT == "gevent":
    from gevent import monkey

    monkey.patch_all()
    from urllib.request import urlopen

    from gevent.pool import Pool

    pool = Pool(2)
    for _ in range(6):
        pool.spawn(lambda: urlopen(URL).read())
    pool.join()
else:
    import grequests

    grequests.map([grequests.get(URL) for _ in range(6)], size=2)
