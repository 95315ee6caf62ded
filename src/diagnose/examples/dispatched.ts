import type { Examples } from './example.ts';

/** Of causes by which a request waits for a slot, a permit, a worker or a lock. */
export const DISPATCHED = {
  chunks: [
    {
      language: 'Python',
      slow: `with Pool(16) as pool:
    pages = pool.map(get, urls, chunksize=len(urls) // 2)`,
      fast: `with Pool(16) as pool:
    pages = pool.map(get, urls, chunksize=1)`,
    },
  ],
  'framework-executor': [
    {
      language: 'Python',
      slow: `await asyncio.gather(*(sync_to_async(get)(url) for url in urls))`,
      fast: `get = sync_to_async(get, thread_sensitive=False)
await asyncio.gather(*(get(url) for url in urls))`,
    },
  ],
  'command-limit': [
    {
      language: 'shell',
      slow: `xargs -P 2 -n 1 curl -sO < urls.txt
curl -s --parallel --parallel-max 2 --remote-name-all $(cat urls.txt)`,
      fast: `xargs -P 20 -n 1 curl -sO < urls.txt
curl -s --parallel --parallel-max 20 --remote-name-all $(cat urls.txt)`,
    },
  ],
  'worker-limit': [
    {
      language: 'Python',
      slow: `with ThreadPoolExecutor() as pool:  # min(32, CPUs + 4) threads
    answers = list(pool.map(get, urls))`,
      fast: `with ThreadPoolExecutor(max_workers=100) as pool:
    answers = list(pool.map(get, urls))`,
    },
  ],
  semaphore: [
    {
      language: 'Python',
      slow: `permits = asyncio.Semaphore(2)
async with permits:
    await session.get(url)`,
      fast: `permits = asyncio.Semaphore(50)
async with permits:
    await session.get(url)`,
    },
  ],
  queue: [
    {
      language: 'Node',
      slow: `const queue = new PQueue({ concurrency: 1 });`,
      fast: `const queue = new PQueue({ concurrency: 50 });`,
    },
  ],
  'resource-limit': [
    {
      language: 'Python',
      slow: `async with condition:
    await condition.wait_for(lambda: running < 2)`,
      fast: `async with condition:
    await condition.wait_for(lambda: running < 50)`,
    },
    {
      language: 'Node',
      slow: `if (running >= 2) await new Promise((resolve) => waiting.push(resolve));`,
      fast: `if (running >= 50) await new Promise((resolve) => waiting.push(resolve));`,
    },
    {
      language: 'Ruby',
      slow: `mutex.synchronize { changed.wait(mutex) while running >= 2 }`,
      fast: `mutex.synchronize { changed.wait(mutex) while running >= 50 }`,
    },
  ],
  pacing: [
    {
      language: 'Python',
      slow: `for url in urls:
    asyncio.create_task(get(url))
    await asyncio.sleep(0.2)`,
      fast: `for url in urls:
    asyncio.create_task(get(url))`,
    },
  ],
  'rate-limit': [
    {
      language: 'Python',
      slow: `limiter = AsyncLimiter(5, 1)  # 5 a second`,
      fast: `limiter = AsyncLimiter(100, 1)`,
    },
  ],
  lock: [
    {
      language: 'Python',
      slow: `with lock:
    answer = session.get(url)
    answers.append(answer)`,
      fast: `answer = session.get(url)
with lock:
    answers.append(answer)`,
    },
  ],
  'polled-lock': [
    {
      language: 'Python',
      slow: `with redis.lock('sync'):
    answer = requests.get(url)
    save(answer)`,
      fast: `answer = requests.get(url)
with redis.lock('sync'):
    save(answer)`,
    },
    {
      language: 'Node',
      slow: `const lock = await redlock.acquire(['sync'], 10_000);
await save(await get(url));
await lock.release();`,
      fast: `const answer = await get(url);
const lock = await redlock.acquire(['sync'], 10_000);
await save(answer);
await lock.release();`,
    },
    {
      language: 'Ruby',
      slow: `db.transaction(:immediate) { save(get(url)) }  # SQLite`,
      fast: `answer = get(url)
db.transaction(:immediate) { save(answer) }`,
    },
  ],
  'connection-limit': [
    {
      language: 'Node',
      slow: `const agent = new https.Agent({ keepAlive: true, maxSockets: 5 });`,
      fast: `const agent = new https.Agent({ keepAlive: true, maxSockets: 100 });`,
    },
  ],
  'unread-bodies': [
    {
      language: 'Node',
      slow: `const { statusCode } = await request(url);`,
      fast: `const { statusCode, body } = await request(url);
await body.dump();`,
    },
  ],
  'stream-limit': [
    {
      language: 'Node',
      slow: `const session = http2.connect(origin);  // the server allows 2 streams`,
      fast: `const sessions = Array.from({ length: 10 }, () => http2.connect(origin));`,
    },
  ],
} as const satisfies Examples;
