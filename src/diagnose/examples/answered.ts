import type { Examples } from './example.ts';

/** Of causes that delay answers, the reading of answers, or any step. */
export const ANSWERED = {
  'retry-sleep': [
    {
      language: 'Python',
      slow: `while (answer := requests.get(url)).status_code >= 500:
    time.sleep(5)`,
      fast: `pause = 0.05
while (answer := requests.get(url)).status_code >= 500:
    time.sleep(pause)
    pause = min(2 * pause, 5)`,
    },
    {
      language: 'Node',
      slow: `while ((answer = await fetch(url)).status >= 500) await setTimeout(5000);`,
      fast: `for (let pause = 50; (answer = await fetch(url)).status >= 500; pause *= 2) await setTimeout(pause);`,
    },
  ],
  throttled: [
    {
      language: 'Python',
      slow: `while (answer := requests.get(url)).status_code == 429:
    time.sleep(5)`,
      fast: `while (answer := requests.get(url)).status_code == 429:
    time.sleep(float(answer.headers['Retry-After']))`,
    },
    {
      language: 'Node',
      slow: `while ((answer = await fetch(url)).status === 429) await setTimeout(5000);`,
      fast: `while ((answer = await fetch(url)).status === 429)
  await setTimeout(1000 * Number(answer.headers.get('retry-after')));`,
    },
    {
      language: 'Ruby',
      slow: `while (answer = Net::HTTP.get_response(uri)).code == '429'
  sleep 5
end`,
      fast: `while (answer = Net::HTTP.get_response(uri)).code == '429'
  sleep answer['Retry-After'].to_f
end`,
    },
  ],
  'two-trips': [
    {
      language: 'Python',
      slow: `def get(url):
    return requests.get(url, auth=HTTPDigestAuth(user, password))  # 401 first, each time`,
      fast: `auth = HTTPDigestAuth(user, password)  # remembers what the first 401 said

def get(url):
    return requests.get(url, auth=auth)`,
    },
    {
      language: 'Node',
      slow: `async function get(url) {
  const { token } = await (await fetch(tokenUrl)).json();
  return fetch(url, { headers: { authorization: \`Bearer \${token}\` } });
}`,
      fast: `const first = fetch(tokenUrl).then((answer) => answer.json()); // one token for all requests
async function get(url) {
  const { token } = await first;
  return fetch(url, { headers: { authorization: \`Bearer \${token}\` } });
}`,
    },
    {
      language: 'Ruby',
      slow: `URI.open('http://example.com/a').read  # redirected to https://`,
      fast: `URI.open('https://example.com/a').read`,
    },
  ],
  'server-queues': [],
  'proxy-queues': [],
  'answers-not-taken-up': [
    {
      language: 'Python',
      slow: `async def get(url):
    answer = await client.get(url)
    return parse(answer.text)  # meanwhile, other answers wait in the kernel

pages = await asyncio.gather(*(get(url) for url in urls))`,
      fast: `answers = await asyncio.gather(*(client.get(url) for url in urls))
pages = [parse(answer.text) for answer in answers]`,
    },
  ],
  'cpu-quota': [
    {
      language: 'shell',
      slow: `docker run --cpus 0.1 report`,
      fast: `docker run --cpus 2 report`,
    },
  ],
  unexplained: [],
  nagle: [
    {
      language: 'Python',
      slow: `sock.sendall(head)
sock.sendall(body)`,
      fast: `sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
sock.sendall(head + body)`,
    },
  ],
} as const satisfies Examples;
