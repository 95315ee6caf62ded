import type { CauseId } from './causes/index.ts';

/** The shortest program of a kind that has a cause, and the same without it. */
export interface Example {
  readonly language: 'Python' | 'Node' | 'shell' | 'Go';
  readonly slow: string;
  readonly fast: string;
}

/** null: what it is depends on the program, or it lies outside of it. */
export const EXAMPLES: Readonly<Record<CauseId, Example | null>> = {
  'await-in-loop': {
    language: 'Node',
    slow: `for (const url of urls) answers.push(await fetch(url));`,
    fast: `const answers = await Promise.all(urls.map((url) => fetch(url)));`,
  },
  'batch-barrier': {
    language: 'Node',
    slow: `for (let at = 0; at < urls.length; at += 5)
  answers.push(...(await Promise.all(urls.slice(at, at + 5).map(get))));`,
    fast: `const next = urls.values(); // one iterator for all
await Promise.all(Array.from({ length: 5 }, async () => {
  for (const url of next) answers.push(await get(url));
}));`,
  },
  'result-in-loop': {
    language: 'Python',
    slow: `for url in urls:
    answers.append(pool.submit(get, url).result())`,
    fast: `futures = [pool.submit(get, url) for url in urls]
answers = [future.result() for future in futures]`,
  },
  'one-worker': {
    language: 'Python',
    slow: `threading.Thread(target=worker, args=(queue,)).start()`,
    fast: `for _ in range(20):
    threading.Thread(target=worker, args=(queue,)).start()`,
  },
  'framework-executor': {
    language: 'Python',
    slow: `await asyncio.gather(*(sync_to_async(get)(url) for url in urls))`,
    fast: `get = sync_to_async(get, thread_sensitive=False)
await asyncio.gather(*(get(url) for url in urls))`,
  },
  'polled-lock': {
    language: 'Python',
    slow: `with redis.lock('sync'):
    answer = requests.get(url)
    save(answer)`,
    fast: `answer = requests.get(url)
with redis.lock('sync'):
    save(answer)`,
  },
  'file-lock': {
    language: 'shell',
    slow: `xargs -P 20 -n 1 flock /tmp/lock curl -sO < urls.txt`,
    fast: `xargs -P 20 -n 1 curl -sO < urls.txt`,
  },
  'one-process-at-a-time': {
    language: 'shell',
    slow: `while read -r url; do curl -sO "$url"; done < urls.txt`,
    fast: `xargs -P 20 -n 1 curl -sO < urls.txt`,
  },
  'command-limit': {
    language: 'shell',
    slow: `xargs -P 2 -n 1 curl -sO < urls.txt`,
    fast: `xargs -P 20 -n 1 curl -sO < urls.txt`,
  },
  'curl-one-by-one': {
    language: 'shell',
    slow: `curl -s --remote-name-all $(cat urls.txt)`,
    fast: `curl -s --parallel --parallel-max 50 --remote-name-all $(cat urls.txt)`,
  },
  'wget-one-by-one': {
    language: 'shell',
    slow: `wget -q -i urls.txt`,
    fast: `xargs -P 20 -n 1 wget -q < urls.txt`,
  },
  'one-by-one': {
    language: 'Go',
    slow: `for _, url := range urls { get(url) }`,
    fast: `for _, url := range urls { group.Go(func() error { return get(url) }) }`,
  },
  'worker-limit': {
    language: 'Python',
    slow: `with ThreadPoolExecutor() as pool:  # min(32, CPUs + 4) threads
    answers = list(pool.map(get, urls))`,
    fast: `with ThreadPoolExecutor(max_workers=100) as pool:
    answers = list(pool.map(get, urls))`,
  },
  semaphore: {
    language: 'Python',
    slow: `permits = asyncio.Semaphore(2)
async with permits:
    await session.get(url)`,
    fast: `permits = asyncio.Semaphore(50)
async with permits:
    await session.get(url)`,
  },
  queue: {
    language: 'Node',
    slow: `const queue = new PQueue({ concurrency: 1 });`,
    fast: `const queue = new PQueue({ concurrency: 50 });`,
  },
  'resource-limit': {
    language: 'Python',
    slow: `async with condition:
    await condition.wait_for(lambda: running < 2)`,
    fast: `async with condition:
    await condition.wait_for(lambda: running < 50)`,
  },
  pacing: {
    language: 'Python',
    slow: `for url in urls:
    asyncio.create_task(get(url))
    await asyncio.sleep(0.2)`,
    fast: `for url in urls:
    asyncio.create_task(get(url))`,
  },
  'rate-limit': {
    language: 'Python',
    slow: `limiter = AsyncLimiter(5, 1)  # 5 a second`,
    fast: `limiter = AsyncLimiter(100, 1)`,
  },
  lock: {
    language: 'Python',
    slow: `with lock:
    answer = session.get(url)
    answers.append(answer)`,
    fast: `answer = session.get(url)
with lock:
    answers.append(answer)`,
  },
  'connection-limit': {
    language: 'Node',
    slow: `const agent = new https.Agent({ keepAlive: true, maxSockets: 5 });`,
    fast: `const agent = new https.Agent({ keepAlive: true, maxSockets: 100 });`,
  },
  'unread-bodies': {
    language: 'Node',
    slow: `const { statusCode } = await request(url);`,
    fast: `const { statusCode, body } = await request(url);
await body.dump();`,
  },
  'stream-limit': {
    language: 'Node',
    slow: `const session = http2.connect(origin);  // the server allows 2 streams`,
    fast: `const sessions = Array.from({ length: 10 }, () => http2.connect(origin));`,
  },
  'dns-threads': {
    language: 'shell',
    slow: `node report.js`,
    fast: `UV_THREADPOOL_SIZE=64 node report.js`,
  },
  'dns-blocks-loop': {
    language: 'shell',
    slow: `GEVENT_RESOLVER=block python report.py`,
    fast: `GEVENT_RESOLVER=thread python report.py`,
  },
  'cpu-quota': {
    language: 'shell',
    slow: `docker run --cpus 0.1 report`,
    fast: `docker run --cpus 2 report`,
  },
  'search-list': {
    language: 'shell',
    slow: `curl https://api.example.com/   # options ndots:5, search a.local b.local`,
    fast: `curl https://api.example.com./`,
  },
  'dead-address': {
    language: 'Python',
    slow: `session = requests.Session()  # one address of the name after another
answers = list(pool.map(session.get, urls))`,
    fast: `async with aiohttp.ClientSession() as session:  # addresses side by side
    answers = await asyncio.gather(*(get(session, url) for url in urls))`,
  },
  'syn-again': {
    language: 'Python',
    slow: `server = socket.create_server(address, backlog=1)`,
    fast: `server = socket.create_server(address, backlog=1024)`,
  },
  'dns-loss': {
    language: 'shell',
    slow: `# /etc/resolv.conf
nameserver 10.0.0.2`,
    fast: `# /etc/resolv.conf
nameserver 10.0.0.2
options single-request-reopen timeout:1 attempts:3`,
  },
  'dns-slow': null,
  'connection-per-request': {
    language: 'Python',
    slow: `answers = [requests.get(url) for url in urls]`,
    fast: `with requests.Session() as session:
    answers = [session.get(url) for url in urls]`,
  },
  'client-per-request': {
    language: 'Python',
    slow: `async def get(url):
    async with httpx.AsyncClient() as client:
        return await client.get(url)`,
    fast: `async with httpx.AsyncClient() as client:
    answers = await asyncio.gather(*(client.get(url) for url in urls))`,
  },
  'blocking-call': {
    language: 'Python',
    slow: `async def get(url):
    return requests.get(url)`,
    fast: `async def get(url):
    return await asyncio.to_thread(requests.get, url)`,
  },
  'loop-sleeps': {
    language: 'Python',
    slow: `async def get(url):
    time.sleep(0.1)
    return await session.get(url)`,
    fast: `async def get(url):
    await asyncio.sleep(0.1)
    return await session.get(url)`,
  },
  'loop-computes': {
    language: 'Python',
    slow: `async def get(url):
    return crunch(await session.get(url))`,
    fast: `async def get(url):
    answer = await session.get(url)
    return await loop.run_in_executor(processes, crunch, answer)`,
  },
  'loop-waits-for-child': {
    language: 'Node',
    slow: `for (const url of urls) execFileSync('curl', ['-sO', url]);`,
    fast: `await Promise.all(urls.map((url) => promisify(execFile)('curl', ['-sO', url])));`,
  },
  'gevent-blocking-wait': {
    language: 'Python',
    slow: `import grequests  # with pyOpenSSL installed: requests puts it in the place of gevent's TLS
grequests.map(grequests.get(url) for url in urls)`,
    fast: `import grequests
from urllib3.contrib import pyopenssl
pyopenssl.extract_from_urllib3()  # or: pip uninstall pyOpenSSL
grequests.map(grequests.get(url) for url in urls)`,
  },
  'green-blocking-wait': {
    language: 'Python',
    slow: `import gevent, requests
gevent.joinall([gevent.spawn(requests.get, url) for url in urls])`,
    fast: `from gevent import monkey; monkey.patch_all()
import gevent, requests
gevent.joinall([gevent.spawn(requests.get, url) for url in urls])`,
  },
  'late-patch': {
    language: 'Python',
    slow: `import requests
from gevent import monkey; monkey.patch_all()`,
    fast: `from gevent import monkey; monkey.patch_all()
import requests`,
  },
  nagle: {
    language: 'Python',
    slow: `sock.sendall(head)
sock.sendall(body)`,
    fast: `sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sock.sendall(head + body)`,
  },
  throttled: {
    language: 'Python',
    slow: `while (answer := requests.get(url)).status_code == 429:
    time.sleep(5)`,
    fast: `while (answer := requests.get(url)).status_code == 429:
    time.sleep(float(answer.headers["Retry-After"]))`,
  },
  'two-trips': {
    language: 'Python',
    slow: `requests.get(url, auth=HTTPDigestAuth(user, password))`,
    fast: `session.auth = HTTPDigestAuth(user, password)  # one session: the next request sends them at once
session.get(url)`,
  },
  'server-queues': null,
  'proxy-queues': null,
  'answers-not-taken-up': {
    language: 'Python',
    slow: `for answer in await asyncio.gather(*requests):
    parse(answer)  # holds the loop while other answers lie in the kernel`,
    fast: `for answer in await asyncio.gather(*requests):
    await asyncio.to_thread(parse, answer)`,
  },
  unexplained: null,
};
