import type { Program } from '../program.ts';
import { type Bodies, clientOf, linesOf, openingOf, type Text, timeoutOf } from './text.ts';

const ALL_AT_ONCE = `
async def work():
    await asyncio.gather(*[get(url) for url in URLS])`;

const BESIDE = `
async def post_logs():
    for _ in range(5):
        await get(f'{BASE}/log?ms=50')
`;

const SERVER = (fetching: string) => `
async def handle(reader, writer):
    head = await reader.readuntil(b'\\r\\n\\r\\n')
    answers = []
    if b'/quit' in head.split(b'\\r\\n')[0]:
        quitting.set()
    else:
        ${fetching}
    body = str(len(answers)).encode()
    writer.write(b'HTTP/1.1 200 OK\\r\\nConnection: close\\r\\nContent-Length: %d\\r\\n\\r\\n%s' % (len(body), body))
    await writer.drain()
    writer.close()

async def work():
    global quitting
    quitting = asyncio.Event()
    server = await asyncio.start_server(handle, '127.0.0.1', int(os.environ['PORT']))
    async with server:
        await quitting.wait()
        await asyncio.sleep(0.1)`;

const BODIES: Bodies = {
  none: ALL_AT_ONCE,
  connections: ALL_AT_ONCE,
  'server-queues': ALL_AT_ONCE,
  loop: `
async def work():
    for url in URLS:
        await get(url)`,
  unread: `
PEEK

async def work():
    for url in URLS:
        await peek(url)`,
  lock: `
async def locked(url):
    async with lock:
        return await get(url)

async def work():
    global lock
    lock = asyncio.Lock()
    await asyncio.gather(*[locked(url) for url in URLS])`,
  semaphore: `
async def permitted(url):
    async with permits:
        return await get(url)

async def work():
    global permits
    permits = asyncio.Semaphore(K_AT_A_TIME)
    async with asyncio.TaskGroup() as group:
        for url in URLS:
            group.create_task(permitted(url))`,
  pool: `
import urllib.request

def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()

async def work():
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(K_AT_A_TIME) as executor:
        await asyncio.gather(*[loop.run_in_executor(executor, fetch, url) for url in URLS])`,
  queue: `
async def worker(waiting):
    while not waiting.empty():
        await get(waiting.get_nowait())
        waiting.task_done()

async def work():
    waiting = asyncio.Queue()
    for url in URLS:
        waiting.put_nowait(url)
    await asyncio.gather(*[worker(waiting) for _ in range(K_AT_A_TIME)])`,
  'bounded-queue': `
async def worker(waiting):
    while True:
        url = await waiting.get()
        if url is None:
            return
        await get(url)

async def work():
    waiting = asyncio.Queue(maxsize=2)
    workers = [asyncio.create_task(worker(waiting)) for _ in range(K_AT_A_TIME)]
    for url in [*URLS, *[None] * K_AT_A_TIME]:
        await waiting.put(url)
    await asyncio.gather(*workers)`,
  batch: `
async def work():
    for start in range(0, len(URLS), K_AT_A_TIME):
        await asyncio.gather(*[get(url) for url in URLS[start:start + K_AT_A_TIME]])`,
  'blocking-call': `
import urllib.request

async def fetch(url):
    with urllib.request.urlopen(url) as answer:
        return answer.read()

async def work():
    await asyncio.gather(*[fetch(url) for url in URLS])`,
  sleep: `
async def gently(url):
    time.sleep(0.1)
    return await get(url)

async def work():
    await asyncio.gather(*[gently(url) for url in URLS])`,
  compute: `
def parse(text):
    until = time.process_time() + 0.15
    total = 0
    while time.process_time() < until:
        total += sum(map(ord, text))
    return total

async def page(url):
    _, text = await get(url)
    return parse(text)

async def visitor(waiting):
    while waiting:
        await page(waiting.pop())

async def work():
    waiting = list(URLS)
    await asyncio.gather(*[visitor(waiting) for _ in range(3)])`,
  throttle: `
async def patient(url):
    while True:
        status, text = await get(url)
        if status != 429:
            return text
        await asyncio.sleep(0.5)

async def work():
    await asyncio.gather(*[patient(url) for url in URLS])`,
  pages: `
async def work():
    page = f'{BASE}/page/first?ms={FIRST_MS}&n={len(URLS)}'
    while page:
        _, text = await get(page)
        following = json.loads(text)['next']
        page = following and BASE + following`,
  beside: `${BESIDE}
async def work():
    logger = asyncio.create_task(post_logs())
    await asyncio.gather(*[get(url) for url in URLS])
    await logger`,
  'beside-semaphore': `${BESIDE}
async def permitted(url):
    async with permits:
        return await get(url)

async def work():
    global permits
    permits = asyncio.Semaphore(K_AT_A_TIME)
    logger = asyncio.create_task(post_logs())
    await asyncio.gather(*[permitted(url) for url in URLS])
    await logger`,
  'burst-after': `
async def work():
    for url in URLS:
        await get(url)
    await asyncio.gather(*[get(url) for url in URLS])`,
  'own-limiter': `
class Turnstile:
    """Lets so many through at a time; the others have a future in a list."""

    def __init__(self, places):
        self.free = places
        self.line = []

    async def __aenter__(self):
        if self.free > 0:
            self.free -= 1
            return
        mine = asyncio.get_running_loop().create_future()
        self.line.append(mine)
        await mine

    async def __aexit__(self, *_):
        if self.line:
            self.line.pop(0).set_result(None)
        else:
            self.free += 1

turnstile = Turnstile(K_AT_A_TIME)

async def passing(url):
    async with turnstile:
        return await get(url)

async def work():
    await asyncio.gather(*[passing(url) for url in URLS])`,
  'own-lock': `
class Chain:
    """Each waits for the event of the one before it."""

    def __init__(self):
        self.last = None

    async def after_all_before(self, job):
        before, mine = self.last, asyncio.Event()
        self.last = mine
        if before is not None:
            await before.wait()
        try:
            return await job
        finally:
            mine.set()

chain = Chain()

async def work():
    await asyncio.gather(*[chain.after_all_before(get(url)) for url in URLS])`,
  paced: `
async def work():
    tasks = []
    for url in URLS:
        tasks.append(asyncio.create_task(get(url)))
        await asyncio.sleep(0.2)
    await asyncio.gather(*tasks)`,
  timeouts: `
async def work():
    await asyncio.gather(*[get(url) for url in URLS], return_exceptions=True)`,
  'serves-in-turn': SERVER('answers = [await get(url) for url in URLS]'),
  'serves-at-once': SERVER('answers = await asyncio.gather(*[get(url) for url in URLS])'),
};

/** A Python program whose units are tasks. */
export function asyncio(program: Program): Text {
  const { head, get, close } = clientOf(program);
  const opening = openingOf(program);
  const source = `
import asyncio
import json
import os
import time
from concurrent.futures import ThreadPoolExecutor
${head}

BASE = os.environ['BASE']
URLS = open('urls.txt').read().split()
TIMEOUT = ${timeoutOf(program)}
FIRST_MS = ${program.delaysMs[0]}
${get}

${linesOf(BODIES, program)}

async def main():
    global client
    ${opening === null ? 'client = None' : `client = ${opening}`}
    ${program.login ? `await get(f'{BASE}/login?ms=80')` : 'pass'}
    await work()
    ${close ?? 'pass'}

asyncio.run(main())
`;
  return { file: 'program.py', language: 'python', source };
}
