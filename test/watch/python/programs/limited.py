"""N GETs of URL, two at a time: LIMIT says which limit it is that holds the others back. Prints the answers that came."""
import os
import threading

URL, N = os.environ["URL"], int(os.environ["N"])


def get(*_):
    try:
        from urllib.request import urlopen
    except ImportError:
        from urllib2 import urlopen
    return urlopen(URL).getcode() == 200


def executor():
    from concurrent.futures import ThreadPoolExecutor
    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(get, range(N)))


def process_pool():
    from concurrent.futures import ProcessPoolExecutor
    with ProcessPoolExecutor(max_workers=2) as pool:
        return list(pool.map(get, range(N)))


def default_executor():
    """Of CPUs + 4 threads, 32 at most: asyncio's own."""
    import asyncio

    async def all_of_them():
        return await asyncio.gather(*[asyncio.to_thread(get) for _ in range(N)])
    return asyncio.run(all_of_them())


def thread_pool():
    from multiprocessing.pool import ThreadPool
    return ThreadPool(2).map(get, range(N))


def threading_semaphore():
    from multiprocessing.pool import ThreadPool
    permits = threading.BoundedSemaphore(2)

    def limited(_):
        with permits:
            return get()
    return ThreadPool(N).map(limited, range(N))


def asyncio_semaphore():
    import asyncio

    async def all_of_them():
        from concurrent.futures import ThreadPoolExecutor
        permits, pool = asyncio.BoundedSemaphore(2), ThreadPoolExecutor(N)

        async def limited():
            async with permits:
                return await asyncio.get_running_loop().run_in_executor(pool, get)
        return await asyncio.gather(*[limited() for _ in range(N)])
    return asyncio.run(all_of_them())


def anyio_limiter():
    import anyio

    async def all_of_them():
        limiter, found = anyio.CapacityLimiter(2), []

        async def limited():
            found.append(await anyio.to_thread.run_sync(get, limiter=limiter))
        async with anyio.create_task_group() as tasks:
            for _ in range(N):
                tasks.start_soon(limited)
        return found
    return anyio.run(all_of_them)


def anyio_threads():
    """Of its default limiter: 40."""
    import anyio

    async def all_of_them():
        found = []

        async def limited():
            found.append(await anyio.to_thread.run_sync(get))
        async with anyio.create_task_group() as tasks:
            for _ in range(N):
                tasks.start_soon(limited)
        return found
    return anyio.run(all_of_them)


def anyio_semaphore():
    import anyio

    async def all_of_them():
        permits, threads, found = anyio.Semaphore(2), anyio.CapacityLimiter(N), []

        async def limited():
            async with permits:
                found.append(await anyio.to_thread.run_sync(get, limiter=threads))
        async with anyio.create_task_group() as tasks:
            for _ in range(N):
                tasks.start_soon(limited)
        return found
    return anyio.run(all_of_them)


def gevent_pool():
    from gevent import monkey
    monkey.patch_all()
    from gevent.pool import Pool
    return Pool(2).map(get, range(N))


def eventlet_pool():
    import eventlet
    eventlet.monkey_patch()
    return list(eventlet.GreenPool(2).imap(get, range(N)))


def eventlet_semaphore():
    import eventlet
    eventlet.monkey_patch()
    from eventlet.semaphore import Semaphore
    permits = Semaphore(2)

    def limited(_):
        with permits:
            return get()
    return list(eventlet.GreenPool(N).imap(limited, range(N)))


def trio_threads(permits):
    """N threads of trio, of which only those that have a permit ask."""
    import trio
    found = []

    async def limited():
        async with permits:
            found.append(await trio.to_thread.run_sync(get, limiter=trio.CapacityLimiter(N)))

    async def all_of_them():
        async with trio.open_nursery() as nursery:
            for _ in range(N):
                nursery.start_soon(limited)
    trio.run(all_of_them)
    return found


def trio_semaphore():
    import trio
    return trio_threads(trio.Semaphore(2))


def trio_limiter():
    import trio
    return trio_threads(trio.CapacityLimiter(2))


def twisted_semaphore():
    from twisted.internet import defer, reactor, threads
    reactor.suggestThreadPoolSize(N)
    permits, found = defer.DeferredSemaphore(2), []

    def done(answers):
        found.extend(answers)
        reactor.stop()
    defer.gatherResults([permits.run(threads.deferToThread, get) for _ in range(N)]).addBoth(done)
    reactor.run()
    return found


def tornado_client():
    import asyncio

    from tornado.simple_httpclient import SimpleAsyncHTTPClient

    async def all_of_them():
        client = SimpleAsyncHTTPClient(force_instance=True, max_clients=2)
        return [answer.code == 200 for answer in await asyncio.gather(*[client.fetch(URL) for _ in range(N)])]
    return asyncio.run(all_of_them())


def urllib3_pool():
    from multiprocessing.pool import ThreadPool

    import urllib3
    pools = urllib3.PoolManager(maxsize=2, block=True)
    return ThreadPool(N).map(lambda _: pools.request("GET", URL).status == 200, range(N))


print(sum(globals()[os.environ["LIMIT"]]()), "of", N)
