import type { Examples } from './example.ts';

/** Of causes by which a caller wants one request after another. */
export const WANTED = {
  'await-in-loop': [
    {
      language: 'Node',
      slow: `for (const url of urls) answers.push(await fetch(url));`,
      fast: `const answers = await Promise.all(urls.map((url) => fetch(url)));`,
    },
  ],
  'batch-barrier': [
    {
      language: 'Python',
      slow: `for at in range(0, len(urls), 5):
    answers += await asyncio.gather(*(get(url) for url in urls[at:at + 5]))`,
      fast: `permits = asyncio.Semaphore(5)  # one for all

async def permitted(url):
    async with permits:
        return await get(url)

answers = await asyncio.gather(*(permitted(url) for url in urls))`,
    },
    {
      language: 'Node',
      slow: `for (let at = 0; at < urls.length; at += 5)
  answers.push(...(await Promise.all(urls.slice(at, at + 5).map(get))));`,
      fast: `const next = urls.values(); // one iterator for all
await Promise.all(Array.from({ length: 5 }, async () => {
  for (const url of next) answers.push(await get(url));
}));`,
    },
    {
      language: 'Ruby',
      slow: `urls.each_slice(5) { |some| some.map { |url| Thread.new { get(url) } }.each(&:join) }`,
      fast: `waiting = Queue.new(urls).close  # one for all
Array.new(5) { Thread.new { while (url = waiting.pop) do get(url) end } }.each(&:join)`,
    },
  ],
  'result-in-loop': [
    {
      language: 'Python',
      slow: `for url in urls:
    answers.append(pool.submit(get, url).result())`,
      fast: `futures = [pool.submit(get, url) for url in urls]
answers = [future.result() for future in futures]`,
    },
  ],
  'one-worker': [
    {
      language: 'Python',
      slow: `threading.Thread(target=worker, args=(queue,)).start()`,
      fast: `for _ in range(20):
    threading.Thread(target=worker, args=(queue,)).start()`,
    },
  ],
  'file-lock': [
    {
      language: 'shell',
      slow: `xargs -P 20 -n 1 flock /tmp/lock curl -sO < urls.txt`,
      fast: `xargs -P 20 -n 1 curl -sO < urls.txt`,
    },
  ],
  'one-process-at-a-time': [
    {
      language: 'shell',
      slow: `while read -r url; do curl -sO "$url"; done < urls.txt`,
      fast: `xargs -P 20 -n 1 curl -sO < urls.txt`,
    },
  ],
  'curl-one-by-one': [
    {
      language: 'shell',
      slow: `curl -s --remote-name-all $(cat urls.txt)`,
      fast: `curl -s --parallel --parallel-max 50 --remote-name-all $(cat urls.txt)`,
    },
  ],
  'wget-one-by-one': [
    {
      language: 'shell',
      slow: `wget -q -i urls.txt`,
      fast: `xargs -P 20 -n 1 wget -q < urls.txt`,
    },
  ],
  'one-by-one': [
    {
      language: 'Go',
      slow: `for _, url := range urls { get(url) }`,
      fast: `for _, url := range urls { group.Go(func() error { return get(url) }) }`,
    },
  ],
} as const satisfies Examples;
