import type { Idioms } from './idioms.ts';

/** What libraries of any language call these things. */
export const any: Idioms = {
  language: null,
  calls: {
    'connection-pool':
      /^_*(?:get|acquire|wait_?for|checkout|lease|borrow|take)_?(?:\w*_)?conn(?:ection)?s?(?:_\w+)?$/i,
    clocked: /rate_?limit|leaky|bucket/i,
    http2: /[/\\](?:_?h(?:ttp)?2)[\w.-]*([/\\]|$)/i,
    limiter: /queue|limit|semaphore|\bsema\b|mutex|throttl|bottleneck|\block\b|lock$|permit/i,
    lock: /(?:^|[._])(?:R?Lock|Mutex)\b|mutex|AsyncLock|lock\w*\.(?:acquire|lock|__a?enter__)$/i,
    name: /^getaddrinfo$|^gethostby/,
    resolver: /getaddrinfo|gethostby|getnameinfo|resolve(?!r?_?redirect)|(?:^|[._])lookup/i,
    queue: /\bqueues?\b.*(?:\.get|\.put|_get|_put|\.acquire)$|Queue\.(?:get|put)\b/i,
    rate: /limiter|throttl|rate_?limit|leaky|token_?bucket/i,
    semaphore: /semaphore|bounded|permit|capacity_?limit/i,
    sleep: /(?:^|[._])(?:u|m|nano)?sleep(?:_?(?:sync|ms))?$/i,
  },
};
