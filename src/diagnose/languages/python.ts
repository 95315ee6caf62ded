import type { Idioms } from './idioms.ts';

export const python: Idioms = {
  language: 'python',
  source: /\.py$/,
  library:
    /[/\\](?:site-packages|dist-packages|lib(?:64)?[/\\](?:python|pypy)\d[^/\\]*)[/\\]|^<(?!ipython-input-)|[/\\]recorders[/\\]python[/\\]|[/\\]sitecustomize\.py$/,
  packages: /^.*[/\\](?:site-packages|dist-packages|lib(?:64)?[/\\](?:python|pypy)\d[^/\\]*)[/\\]/,
  packageName: /[/\\](?:site-packages|dist-packages)[/\\]([^/\\]+?)(?:\.py)?(?:[/\\]|$)/,
  client:
    /[/\\](?:urllib3|requests|httpx|httpcore|h11|h2|aiohttp|http[/\\]client\.py|httplib\.py|asyncio)[/\\.]/,
  primitives:
    /[/\\](?:threading|queue|Queue|selectors)\.py$|[/\\]asyncio[/\\](?:locks|queues|futures|tasks|timeouts|mixins)\.py$|[/\\](?:anyio|trio|sniffio)[/\\]|[/\\]gevent[/\\]_?_?(?:\w*hub\w*|event|lock|queue|\w*semaphore|waiter|greenlet|abstract_linkable)[\w.-]*$|[/\\]eventlet[/\\](?:queue|semaphore|event|lock|hubs[/\\]\w+)\.py$|[/\\]httpcore[/\\]_synchronization\.py$|[/\\]multiprocessing[/\\]pool\.py$|[/\\]concurrent[/\\]futures[/\\]_base\.py$/,
  nameless: /^<(?:genexpr|\w+comp)>$/,
  handedOver: {
    name: /^(?:result|join|joinall|get|wait|apply|map)$/,
    file: /[/\\](?:concurrent[/\\]futures|multiprocessing|gevent|eventlet)[/\\]|[/\\]threading\.py$/,
  },
  putting: {
    name: /^(?:put|_put|send)$/,
    file: /[/\\][Qq]ueues?\.py$|[/\\]streams[/\\]memory\.py$|[/\\]_channel\.py$/,
  },
  filling: { name: /^(?:put|join|_put)$/, file: /[/\\][Qq]ueues?\.py$/ },
  calls: {
    // A handle of libcurl carries one request at a time, and curl_cffi has so many.
    'connection-pool': /^pop_curl$/,
    child: /^(?:check_output|communicate)$/,
    command: /^(?:run|call|check_|communicate|wait|system)/i,
    connect: /(?:^|[._])(?:create_connection|connect|_connect|_new_conn|do_handshake|start_tls|wrap_socket)$/,
    importing: /^<frozen importlib|[/\\]importlib[/\\]/,
    lock: /Condition\.__enter__$/,
    'event-loop': /EventLoop\.run_forever$|Runner\.run$/,
    result: /Future\.result$|_result_or_cancel$|ApplyResult\.(?:get|wait)$|AsyncResult\.(?:get|wait)$/,
    signal: /(?:Condition|Event)\.wait(?:_for)?$/,
    thread: /Thread\.join$|\.join$|_wait_for_tstate_lock$|Barrier\._?wait$/,
    'tls-context':
      /create_default_context|load_verify_locations|load_default_certs|set_default_verify_paths|create_(?:ssl|urllib3)_context/,
    // `sleep(0)` gives the loop a turn: that is a wait for the loop, not for the lock that was taken.
    turn: /__sleep0|checkpoint/,
  },
};

const RECURSION = /^Recursion(?:Error)?$|maximum recursion/i;

/** Whether a request failed because what it called calls itself, as classes do that were replaced too late. */
export function isRecursion(error: string | null | undefined): boolean {
  return RECURSION.test(error ?? '');
}

/** What switches between greenlets. */
export type Greenlets = 'gevent' | 'eventlet';

const OF_GREENLETS = /^(?:gevent|eventlet|gevent_openssl)\b/;

/** Whether a class is made for greenlets. */
export function isOfGreenlets(className: string): boolean {
  return OF_GREENLETS.test(className);
}

const SOCKET = /socket|SSL|Connection/;
const HTTP = /HTTP/;
const WRAPPED = /WrappedSocket|OpenSSL/;

/** The class of the socket among those of some frames, leaf first: the one that wraps another, if any does. */
export function socketClassOf(classes: readonly string[]): string | undefined {
  return (
    classes.find((name) => WRAPPED.test(name)) ??
    classes.find((name) => SOCKET.test(name) && !HTTP.test(name))
  );
}

const OPENSSL = /openssl/i;

/** Whether a class or a file is of pyOpenSSL. */
export function isOfOpenSsl(name: string): boolean {
  return OPENSSL.test(name);
}

/** Modules by whose patch a call would have been made to yield. */
export const PATCHED_FOR: ReadonlyMap<string, readonly string[]> = new Map([
  ['poll', ['select']],
  ['select', ['select']],
  ['epoll_wait', ['select']],
  ['read', ['socket', 'ssl']],
  ['write', ['socket', 'ssl']],
  ['connect', ['socket']],
  ['accept', ['socket']],
]);
