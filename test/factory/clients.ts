/** How the units of a program wait: it decides which texts a client can be in (programs/STYLE.ts). */
export type Style = 'threads' | 'asyncio' | 'gevent' | 'node' | 'ruby' | 'shell';

/** The lines that make a client of a library: `get(url)` returns or resolves to a status and a text. */
export interface Client {
  readonly style: Style;
  /** Lines at the top of the program. */
  readonly head: string;
  /** Made before the first request (a session, an agent), as an expression; `limited(k)` with at most k connections. */
  readonly open?: string;
  readonly limited?: (k: number) => string;
  readonly close?: string;
  /** Defines get(url), of which `client` is what `open` made. */
  readonly get: string;
  /** Defines peek(url): the status alone, the body is left. */
  readonly peek?: string;
}

const REQUESTS = {
  head: 'import requests\nimport requests.adapters',
  open: 'requests.Session()',
  limited: (k: number) => `limited(${k})`,
  get: `
def limited(size):
    session = requests.Session()
    session.mount('http://', requests.adapters.HTTPAdapter(pool_connections=size, pool_maxsize=size, pool_block=True))
    return session

def get(url):
    answer = client.get(url, timeout=TIMEOUT)
    return answer.status_code, answer.text`,
  peek: `
kept = []

def peek(url):
    answer = client.get(url, timeout=TIMEOUT, stream=True)
    kept.append(answer)
    return answer.status_code`,
} as const;

const URLLIB = {
  head: 'import urllib.error\nimport urllib.request',
  get: `
def get(url):
    try:
        with urllib.request.urlopen(url, timeout=TIMEOUT) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()`,
} as const;

const HTTP_CLIENT = {
  head: 'import http.client\nimport urllib.parse',
  get: `
def get(url):
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT)
    connection.request('GET', f'{parts.path}?{parts.query}')
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text`,
} as const;

/** All clients, by name; `client` is a global of each program. */
export const CLIENTS: Readonly<Record<string, Client>> = {
  requests: { style: 'threads', ...REQUESTS },
  urllib: { style: 'threads', ...URLLIB },
  'http.client': { style: 'threads', ...HTTP_CLIENT },
  httpx: {
    style: 'threads',
    head: 'import httpx',
    open: 'httpx.Client(timeout=TIMEOUT)',
    limited: (k) => `httpx.Client(timeout=TIMEOUT, limits=httpx.Limits(max_connections=${k}))`,
    get: `
def get(url):
    answer = client.get(url)
    return answer.status_code, answer.text`,
  },
  socket: {
    style: 'threads',
    head: 'import socket\nimport urllib.parse',
    get: `
def get(url):
    parts = urllib.parse.urlsplit(url)
    with socket.create_connection((parts.hostname, parts.port), timeout=TIMEOUT) as wire:
        wire.sendall(f'GET {parts.path}?{parts.query} HTTP/1.1\\r\\nHost: {parts.netloc}\\r\\nConnection: close\\r\\n\\r\\n'.encode())
        answer = b''
        while piece := wire.recv(65536):
            answer += piece
    head, _, body = answer.partition(b'\\r\\n\\r\\n')
    return int(head.split()[1]), body.decode()`,
  },
  aiohttp: {
    style: 'asyncio',
    head: 'import aiohttp',
    open: 'aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=TIMEOUT))',
    limited: (k) =>
      `aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=${k}), timeout=aiohttp.ClientTimeout(total=TIMEOUT))`,
    close: 'await client.close()',
    get: `
async def get(url):
    async with client.get(url) as answer:
        return answer.status, await answer.text()`,
    peek: `
async def peek(url):
    answer = await client.get(url)
    return answer.status`,
  },
  'httpx-async': {
    style: 'asyncio',
    head: 'import httpx',
    open: 'httpx.AsyncClient(timeout=TIMEOUT)',
    limited: (k) => `httpx.AsyncClient(timeout=TIMEOUT, limits=httpx.Limits(max_connections=${k}))`,
    close: 'await client.aclose()',
    get: `
async def get(url):
    answer = await client.get(url)
    return answer.status_code, answer.text`,
    peek: `
kept = []

async def peek(url):
    answer = await client.send(client.build_request('GET', url), stream=True)
    kept.append(answer)
    return answer.status_code`,
  },
  'asyncio-streams': {
    style: 'asyncio',
    head: 'import urllib.parse',
    get: `
async def exchange(url):
    parts = urllib.parse.urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    writer.write(f'GET {parts.path}?{parts.query} HTTP/1.1\\r\\nHost: {parts.netloc}\\r\\nConnection: close\\r\\n\\r\\n'.encode())
    await writer.drain()
    answer = await reader.read()
    writer.close()
    head, _, body = answer.partition(b'\\r\\n\\r\\n')
    return int(head.split()[1]), body.decode()

async def get(url):
    return await asyncio.wait_for(exchange(url), TIMEOUT)`,
  },
  'gevent-requests': { style: 'gevent', ...REQUESTS },
  'gevent-urllib': { style: 'gevent', ...URLLIB },
  fetch: {
    style: 'node',
    head: '',
    get: `
async function get(url) {
  const answer = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT) });
  return [answer.status, await answer.text()];
}`,
    peek: `
async function peek(url) {
  return (await fetch(url)).status;
}`,
  },
  'node-http': {
    style: 'node',
    head: `const http = require('node:http');`,
    open: 'new http.Agent({ keepAlive: true })',
    limited: (k) => `new http.Agent({ keepAlive: true, maxSockets: ${k} })`,
    close: 'client.destroy();',
    get: `
function get(url) {
  return new Promise((resolve, reject) => {
    const request = http.get(url, { agent: client, timeout: TIMEOUT }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece) => { text += piece; });
      answer.on('end', () => resolve([answer.statusCode, text]));
    });
    request.on('timeout', () => request.destroy(new Error('timed out'))).on('error', reject);
  });
}`,
    peek: `
function peek(url) {
  return new Promise((resolve, reject) => {
    http.get(url, { agent: client }, (answer) => resolve(answer.statusCode)).on('error', reject);
  });
}`,
  },
  undici: {
    style: 'node',
    head: `const undici = require('undici');`,
    open: 'new undici.Agent({ headersTimeout: TIMEOUT })',
    limited: (k) => `new undici.Agent({ connections: ${k} })`,
    close: 'await client.close();',
    get: `
async function get(url) {
  const answer = await undici.request(url, { dispatcher: client, signal: AbortSignal.timeout(TIMEOUT) });
  return [answer.statusCode, await answer.body.text()];
}`,
  },
  'node-net': {
    style: 'node',
    head: `const net = require('node:net');`,
    get: `
function get(address) {
  const url = new URL(address);
  return new Promise((resolve, reject) => {
    const socket = net.connect(url.port, url.hostname);
    let text = '';
    socket.setEncoding('utf8').on('data', (piece) => { text += piece; });
    socket.setTimeout(TIMEOUT, () => socket.destroy(new Error('timed out')));
    socket.on('error', reject).on('end', () => {
      const end = text.indexOf('\\r\\n\\r\\n');
      resolve([Number(text.split(' ')[1]), text.slice(end + 4)]);
    });
    socket.write(\`GET \${url.pathname}\${url.search} HTTP/1.1\\r\\nHost: \${url.host}\\r\\nConnection: close\\r\\n\\r\\n\`);
  });
}`,
  },
  'net-http': {
    style: 'ruby',
    head: `require 'net/http'`,
    get: `
def get(url)
  uri = URI(url)
  Net::HTTP.start(uri.host, uri.port, read_timeout: TIMEOUT, max_retries: 0) do |http|
    answer = http.get(uri.request_uri)
    [answer.code.to_i, answer.body]
  end
end`,
  },
  curl: { style: 'shell', head: '', get: '' },
};
