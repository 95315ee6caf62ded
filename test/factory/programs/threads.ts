import type { Program } from '../program.ts';
import { type Bodies, clientOf, linesOf, openingOf, type Text, timeoutOf } from './text.ts';

const ALL_AT_ONCE = `
def work():
    with ThreadPoolExecutor(len(URLS)) as executor:
        list(executor.map(get, URLS))`;

const BESIDE = `
def post_logs():
    for _ in range(5):
        get(f'{BASE}/log?ms=50')
`;

const SERVER = `
def serve():
    server = http.server.ThreadingHTTPServer(('127.0.0.1', int(os.environ['PORT'])), Handler)
    server.serve_forever()

work = serve`;

const HANDLER = (fetching: string) => `
import http.server

class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if self.path == '/quit':
            threading.Thread(target=self.server.shutdown).start()
            answers = []
        else:
            ${fetching}
        body = str(len(answers)).encode()
        self.send_response(200)
        self.send_header('Content-Length', str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass
${SERVER}`;

/** The lines between the functions of the client and the start, by mechanism. */
const BODIES: Bodies = {
  none: ALL_AT_ONCE,
  connections: ALL_AT_ONCE,
  'server-queues': ALL_AT_ONCE,
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
    threads = [threading.Thread(target=locked, args=(url,)) for url in URLS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()`,
  semaphore: `
permits = threading.BoundedSemaphore(K_AT_A_TIME)

def permitted(url):
    with permits:
        return get(url)

def work():
    with ThreadPoolExecutor(len(URLS)) as executor:
        list(executor.map(permitted, URLS))`,
  pool: `
def work():
    with ThreadPoolExecutor(max_workers=K_AT_A_TIME) as executor:
        futures = [executor.submit(get, url) for url in URLS]
        for future in futures:
            future.result()`,
  queue: `
waiting = queue.Queue()

def worker():
    while True:
        url = waiting.get()
        if url is None:
            return
        get(url)

def work():
    for url in URLS:
        waiting.put(url)
    workers = [threading.Thread(target=worker) for _ in range(K_AT_A_TIME)]
    for one in workers:
        waiting.put(None)
        one.start()
    for one in workers:
        one.join()`,
  'bounded-queue': `
waiting = queue.Queue(maxsize=2)

def worker():
    while True:
        url = waiting.get()
        if url is None:
            return
        get(url)

def work():
    workers = [threading.Thread(target=worker) for _ in range(K_AT_A_TIME)]
    for one in workers:
        one.start()
    for url in URLS:
        waiting.put(url)
    for one in workers:
        waiting.put(None)
    for one in workers:
        one.join()`,
  batch: `
def work():
    for start in range(0, len(URLS), K_AT_A_TIME):
        threads = [threading.Thread(target=get, args=(url,)) for url in URLS[start:start + K_AT_A_TIME]]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()`,
  throttle: `
def patient(url):
    while True:
        status, text = get(url)
        if status != 429:
            return text
        time.sleep(0.5)

def work():
    with ThreadPoolExecutor(len(URLS)) as executor:
        list(executor.map(patient, URLS))`,
  pages: `
def work():
    page = f'{BASE}/page/first?ms={FIRST_MS}&n={len(URLS)}'
    while page:
        _, text = get(page)
        following = json.loads(text)['next']
        page = following and BASE + following`,
  beside: `${BESIDE}
def work():
    logger = threading.Thread(target=post_logs)
    logger.start()
    with ThreadPoolExecutor(len(URLS)) as executor:
        list(executor.map(get, URLS))
    logger.join()`,
  'beside-semaphore': `${BESIDE}
permits = threading.Semaphore(K_AT_A_TIME)

def permitted(url):
    with permits:
        return get(url)

def work():
    logger = threading.Thread(target=post_logs)
    logger.start()
    with ThreadPoolExecutor(len(URLS)) as executor:
        list(executor.map(permitted, URLS))
    logger.join()`,
  'burst-after': `
def work():
    for url in URLS:
        get(url)
    with ThreadPoolExecutor(len(URLS)) as executor:
        list(executor.map(get, URLS))`,
  'own-limiter': `
class Turnstile:
    """Lets so many through at a time; the others sleep until somebody leaves."""

    def __init__(self, places):
        self.free = places
        self.changed = threading.Condition()

    def __enter__(self):
        with self.changed:
            while self.free == 0:
                self.changed.wait()
            self.free -= 1

    def __exit__(self, *_):
        with self.changed:
            self.free += 1
            self.changed.notify()

turnstile = Turnstile(K_AT_A_TIME)

def passing(url):
    with turnstile:
        return get(url)

def work():
    with ThreadPoolExecutor(len(URLS)) as executor:
        list(executor.map(passing, URLS))`,
  'own-lock': `
class Baton:
    """Whoever has it may go; it is handed from one to the next by an event of each."""

    def __init__(self):
        self.guard = threading.Lock()
        self.taken = False
        self.line = []

    def take(self):
        with self.guard:
            if not self.taken:
                self.taken = True
                return
            mine = threading.Event()
            self.line.append(mine)
        mine.wait()

    def hand_on(self):
        with self.guard:
            if self.line:
                self.line.pop(0).set()
            else:
                self.taken = False

baton = Baton()

def passing(url):
    baton.take()
    try:
        return get(url)
    finally:
        baton.hand_on()

def work():
    threads = [threading.Thread(target=passing, args=(url,)) for url in URLS]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()`,
  paced: `
def work():
    threads = []
    for url in URLS:
        threads.append(threading.Thread(target=get, args=(url,)))
        threads[-1].start()
        time.sleep(0.2)
    for thread in threads:
        thread.join()`,
  'result-in-loop': `
def work():
    with ThreadPoolExecutor(len(URLS)) as executor:
        for url in URLS:
            executor.submit(get, url).result()`,
  timeouts: `
def careful(url):
    try:
        return get(url)
    except Exception as error:
        return str(error)

def work():
    with ThreadPoolExecutor(len(URLS)) as executor:
        list(executor.map(careful, URLS))`,
  'serves-in-turn': HANDLER('answers = [get(url) for url in URLS]'),
  'serves-at-once': HANDLER('answers = list(ThreadPoolExecutor(len(URLS)).map(get, URLS))'),
};

/** A Python program whose units are threads. */
export function threads(program: Program): Text {
  const { head, get } = clientOf(program);
  const opening = openingOf(program);
  const source = `
import json
import os
import queue
import threading
import time
from concurrent.futures import ThreadPoolExecutor
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
