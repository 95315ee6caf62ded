import type { Examples } from './example.ts';

/** Of causes that block a thread or an event loop. */
export const SENT = {
  'blocking-call': [
    {
      language: 'Python',
      slow: `async def get(url):
    return requests.get(url)`,
      fast: `async def get(url):
    return await asyncio.to_thread(requests.get, url)`,
    },
  ],
  'loop-sleeps': [
    {
      language: 'Python',
      slow: `async def get(url):
    time.sleep(0.1)
    return await session.get(url)`,
      fast: `async def get(url):
    await asyncio.sleep(0.1)
    return await session.get(url)`,
    },
  ],
  'loop-computes': [
    {
      language: 'Python',
      slow: `async def get(url):
    return crunch(await session.get(url))`,
      fast: `async def get(url):
    answer = await session.get(url)
    return await loop.run_in_executor(processes, crunch, answer)`,
    },
  ],
  'loop-waits-for-child': [
    {
      language: 'Node',
      slow: `for (const url of urls) execFileSync('curl', ['-sO', url]);`,
      fast: `await Promise.all(urls.map((url) => promisify(execFile)('curl', ['-sO', url])));`,
    },
  ],
  'gevent-blocking-wait': [
    {
      language: 'Python',
      slow: `import grequests  # with pyOpenSSL installed: requests puts it in the place of gevent's TLS
grequests.map(grequests.get(url) for url in urls)`,
      fast: `import grequests
from urllib3.contrib import pyopenssl
pyopenssl.extract_from_urllib3()  # or: pip uninstall pyOpenSSL
grequests.map(grequests.get(url) for url in urls)`,
    },
  ],
  'green-blocking-wait': [
    {
      language: 'Python',
      slow: `import gevent, requests
gevent.joinall([gevent.spawn(requests.get, url) for url in urls])`,
      fast: `from gevent import monkey; monkey.patch_all()
import gevent, requests
gevent.joinall([gevent.spawn(requests.get, url) for url in urls])`,
    },
  ],
  'late-patch': [
    {
      language: 'Python',
      slow: `import requests
from gevent import monkey; monkey.patch_all()`,
      fast: `from gevent import monkey; monkey.patch_all()
import requests`,
    },
  ],
} as const satisfies Examples;
