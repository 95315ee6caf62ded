import type { Socket } from 'node:net';
import { FetchError } from '../errors.ts';
import type { Target } from '../target.ts';
import type { HttpProxy } from './proxy.ts';

/** The longest answer to CONNECT that is read: what follows its head is the tunnel's. */
const MAX_HEAD_BYTES = 16 * 1024;

/**
 * Asks a proxy for a tunnel (CONNECT, RFC 9110 §9.3.6) on a socket that is connected to it. `done` is called once, with
 * null when the socket leads to the target and nobody listens to it any more. The caller keeps the time.
 */
export function tunnel(
  socket: Socket,
  proxy: HttpProxy,
  target: Target,
  done: (error: FetchError | null) => void,
): void {
  const to = hostPort(target);
  let received: Buffer = Buffer.alloc(0);
  const finish = (error: FetchError | null): void => {
    socket.off('data', onData).off('error', onError).off('close', onClose);
    done(error);
  };
  const refuse = (why: string, cause?: Error) =>
    finish(new FetchError('proxy', `the proxy ${hostPort(proxy)} opened no tunnel to ${to}: ${why}`, cause));
  const onData = (chunk: Buffer): void => {
    received = Buffer.concat([received, chunk]);
    const answer = finalAnswer(received);
    if (answer === 'incomplete') return;
    if (answer === 'nonsense') refuse('its answer is not HTTP/1.1');
    else if (answer.status >= 300)
      refuse(`it answered ${answer.status} ${answer.reason}${advice(answer.status, proxy)}`);
    else {
      socket.pause();
      if (answer.rest.length > 0) socket.unshift(answer.rest);
      finish(null);
    }
  };
  const onError = (error: Error) => refuse(error.message, error);
  const onClose = () => refuse('it closed the connection');
  socket.on('data', onData).once('error', onError).once('close', onClose);
  const login = proxy.authorization === null ? '' : `proxy-authorization: ${proxy.authorization}\r\n`;
  socket.write(`CONNECT ${to} HTTP/1.1\r\nhost: ${to}\r\n${login}\r\n`);
}

/** The failure to reach a proxy, which would otherwise read as if the target were meant. */
export function proxyUnreachable(proxy: HttpProxy, error: FetchError): FetchError {
  return new FetchError('proxy', `the proxy ${hostPort(proxy)} can't be reached: ${error.message}`, error);
}

interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly rest: Buffer;
}

/** The first answer that is not interim (RFC 9110 §15.2). A 2xx to CONNECT has no body, whatever its head says (§9.3.6). */
function finalAnswer(received: Buffer): Answer | 'incomplete' | 'nonsense' {
  const end = received.indexOf('\r\n\r\n');
  if (end < 0 || end > MAX_HEAD_BYTES) return received.length > MAX_HEAD_BYTES ? 'nonsense' : 'incomplete';
  const [, status, reason = ''] =
    /^HTTP\/1\.[01] (\d{3})(?: ([^\r\n]*))?\r\n/.exec(received.toString('latin1', 0, end + 2)) ?? [];
  if (status === undefined) return 'nonsense';
  const rest = received.subarray(end + 4);
  return status.startsWith('1') ? finalAnswer(rest) : { status: Number(status), reason, rest };
}

function advice(status: number, { authorization }: HttpProxy): string {
  if (status !== 407) return '';
  return authorization === null
    ? '; give name and password: --proxy http://NAME:PASSWORD@HOST:PORT'
    : '; it does not accept the name and password of the proxy URL';
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
