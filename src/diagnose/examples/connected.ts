import type { Examples } from './example.ts';

/** Of causes by which a request waits for its name or its connection. */
export const CONNECTED = {
  'dns-threads': [
    {
      language: 'shell',
      slow: `node report.js`,
      fast: `UV_THREADPOOL_SIZE=64 node report.js`,
    },
  ],
  'dns-blocks-loop': [
    {
      language: 'shell',
      slow: `GEVENT_RESOLVER=block python report.py`,
      fast: `GEVENT_RESOLVER=thread python report.py`,
    },
  ],
  'dns-loss': [
    {
      language: 'shell',
      slow: `# /etc/resolv.conf
nameserver 10.0.0.2`,
      fast: `# /etc/resolv.conf
nameserver 10.0.0.2
options single-request-reopen timeout:1 attempts:3`,
    },
  ],
  'search-list': [
    {
      language: 'shell',
      slow: `# /etc/resolv.conf
search default.svc.cluster.local svc.cluster.local cluster.local
options ndots:5`,
      fast: `# /etc/resolv.conf
search default.svc.cluster.local svc.cluster.local cluster.local
options ndots:1`,
    },
  ],
  'dns-slow': [],
  'dead-address': [
    {
      language: 'Python',
      slow: `session = requests.Session()  # tries one address of the name after another
answers = list(pool.map(session.get, urls))`,
      fast: `async with httpx.AsyncClient() as client:  # tries addresses side by side
    answers = await asyncio.gather(*(client.get(url) for url in urls))`,
    },
    {
      language: 'Node',
      slow: `net.setDefaultAutoSelectFamilyAttemptTimeout(5000); // ms until the next address is tried`,
      fast: `net.setDefaultAutoSelectFamilyAttemptTimeout(250);`,
    },
    {
      language: 'Ruby',
      slow: `Net::HTTP.get(uri)  # before Ruby 3.4: one address of the name after another`,
      fast: `Net::HTTP.get(uri)  # Ruby 3.4 tries addresses side by side`,
    },
  ],
  'syn-again': [
    {
      language: 'Python',
      slow: `server = socket.create_server(address, backlog=1)  # the server's queue of new connections`,
      fast: `server = socket.create_server(address, backlog=1024)`,
    },
    {
      language: 'Node',
      slow: `server.listen({ port: 8080, backlog: 1 }); // the server's queue of new connections`,
      fast: `server.listen({ port: 8080, backlog: 1024 });`,
    },
    {
      language: 'Ruby',
      slow: `server.listen(1)  # the server's queue of new connections`,
      fast: `server.listen(1024)`,
    },
  ],
  'connection-per-request': [
    {
      language: 'Python',
      slow: `answers = [requests.get(url) for url in urls]`,
      fast: `with requests.Session() as session:
    answers = [session.get(url) for url in urls]`,
    },
  ],
  'client-per-request': [
    {
      language: 'Python',
      slow: `async def get(url):
    async with httpx.AsyncClient() as client:
        return await client.get(url)`,
      fast: `async with httpx.AsyncClient() as client:
    answers = await asyncio.gather(*(client.get(url) for url in urls))`,
    },
  ],
} as const satisfies Examples;
