import type { Program } from '../program.ts';
import { type Bodies, clientOf, linesOf, openingOf, type Text, timeoutOf } from './text.ts';

const ALL_AT_ONCE = `
def work():
    gevent.joinall([gevent.spawn(get, url) for url in URLS], raise_error=True)`;

const BESIDE = `
def post_logs():
    for _ in range(5):
        get(f'{BASE}/log?ms=50')
`;

const BODIES: Bodies = {
  none: ALL_AT_ONCE,
  connections: ALL_AT_ONCE,
  'server-queues': ALL_AT_ONCE,
  'blocking-call': ALL_AT_ONCE,
  loop: `
def work():
    for url in URLS:
        get(url)`,
  unread: `
PEEK

def work():
    for url in URLS:
        peek(url)`,
  lock: `
lock = threading.Lock()

def locked(url):
    with lock:
        return get(url)

def work():
    gevent.joinall([gevent.spawn(locked, url) for url in URLS])`,
  semaphore: `
permits = BoundedSemaphore(K_AT_A_TIME)

def permitted(url):
    with permits:
        return get(url)

def work():
    gevent.joinall([gevent.spawn(permitted, url) for url in URLS])`,
  pool: `
def work():
    Pool(K_AT_A_TIME).map(get, URLS)`,
  queue: `
waiting = Queue()

def worker():
    while not waiting.empty():
        get(waiting.get())

def work():
    for url in URLS:
        waiting.put(url)
    gevent.joinall([gevent.spawn(worker) for _ in range(K_AT_A_TIME)])`,
  'bounded-queue': `
waiting = Queue(maxsize=2)

def worker():
    for url in iter(waiting.get, None):
        get(url)

def work():
    workers = [gevent.spawn(worker) for _ in range(K_AT_A_TIME)]
    for url in [*URLS, *[None] * K_AT_A_TIME]:
        waiting.put(url)
    gevent.joinall(workers)`,
  batch: `
def work():
    for start in range(0, len(URLS), K_AT_A_TIME):
        gevent.joinall([gevent.spawn(get, url) for url in URLS[start:start + K_AT_A_TIME]])`,
  sleep: `
unpatched_sleep = monkey.get_original('time', 'sleep')

def gently(url):
    unpatched_sleep(0.1)
    return get(url)

def work():
    gevent.joinall([gevent.spawn(gently, url) for url in URLS])`,
  compute: `
def parse(text):
    until = time.process_time() + 0.15
    total = 0
    while time.process_time() < until:
        total += sum(map(ord, text))
    return total

def page(url):
    _, text = get(url)
    return parse(text)

def work():
    Pool(3).map(page, URLS)`,
  pages: `
def work():
    page = f'{BASE}/page/first?ms={FIRST_MS}&n={len(URLS)}'
    while page:
        _, text = get(page)
        following = json.loads(text)['next']
        page = following and BASE + following`,
  beside: `${BESIDE}
def work():
    logger = gevent.spawn(post_logs)
    gevent.joinall([gevent.spawn(get, url) for url in URLS])
    logger.join()`,
  'beside-semaphore': `${BESIDE}
permits = BoundedSemaphore(K_AT_A_TIME)

def permitted(url):
    with permits:
        return get(url)

def work():
    logger = gevent.spawn(post_logs)
    gevent.joinall([gevent.spawn(permitted, url) for url in URLS])
    logger.join()`,
  'burst-after': `
def work():
    for url in URLS:
        get(url)
    gevent.joinall([gevent.spawn(get, url) for url in URLS])`,
  'own-limiter': `
class Turnstile:
    def __init__(self, places):
        self.free = places
        self.line = []

    def __enter__(self):
        if self.free > 0:
            self.free -= 1
            return
        mine = gevent.event.Event()
        self.line.append(mine)
        mine.wait()

    def __exit__(self, *_):
        if self.line:
            self.line.pop(0).set()
        else:
            self.free += 1

turnstile = Turnstile(K_AT_A_TIME)

def passing(url):
    with turnstile:
        return get(url)

def work():
    gevent.joinall([gevent.spawn(passing, url) for url in URLS])`,
  'own-lock': `
taken = []

def passing(url):
    before = taken[-1] if taken else None
    mine = gevent.event.Event()
    taken.append(mine)
    if before is not None:
        before.wait()
    try:
        return get(url)
    finally:
        mine.set()

def work():
    gevent.joinall([gevent.spawn(passing, url) for url in URLS])`,
  paced: `
def work():
    greenlets = []
    for url in URLS:
        greenlets.append(gevent.spawn(get, url))
        gevent.sleep(0.2)
    gevent.joinall(greenlets)`,
  timeouts: `
def careful(url):
    try:
        return get(url)
    except Exception as error:
        return str(error)

def work():
    gevent.joinall([gevent.spawn(careful, url) for url in URLS])`,
};

/** A Python program whose units are greenlets; where its calls block, nothing was patched. */
export function gevent(program: Program): Text {
  const { head, get } = clientOf(program);
  const opening = openingOf(program);
  const source = `
from gevent import monkey
${program.mechanism === 'blocking-call' ? '' : 'monkey.patch_all()'}
import json
import os
import threading
import time

import gevent
import gevent.event
from gevent.lock import BoundedSemaphore
from gevent.pool import Pool
from gevent.queue import Queue
${head}

BASE = os.environ['BASE']
URLS = open('urls.txt').read().split()
TIMEOUT = ${timeoutOf(program)}
FIRST_MS = ${program.delaysMs[0]}
${get}

${linesOf(BODIES, program)}

if __name__ == '__main__':
    ${opening === null ? 'client = None' : `client = ${opening}`}
    ${program.login ? `get(f'{BASE}/login?ms=80')` : 'pass'}
    work()
`;
  return { file: 'program.py', language: 'python', source };
}
