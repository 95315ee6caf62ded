import type { Socket } from 'node:net';
import { redactText } from '../../trace/index.ts';
import { FetchError } from '../errors.ts';
import type { Target } from '../target.ts';
import { type ConnectAnswer, ConnectAnswerReader } from './connect-answer.ts';
import type { HttpProxy } from './proxy.ts';

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
  const reader = new ConnectAnswerReader();
  const finish = (error: FetchError | null): void => {
    socket.off('data', onData).off('error', onError).off('close', onClose);
    done(error);
  };
  const refuse = (why: string, cause?: Error) =>
    finish(new FetchError('proxy', `the proxy ${hostPort(proxy)} opened no tunnel to ${to}: ${why}`, cause));
  const onData = (chunk: Buffer): void => {
    let answer: ConnectAnswer | null;
    try {
      answer = reader.push(chunk);
    } catch (error) {
      refuse((error as Error).message);
      return;
    }
    if (answer === null) return;
    const { status, reason, rest } = answer;
    if (status < 200 || status >= 300)
      refuse(`it answered ${status} ${redactText(reason)}${advice(status, proxy)}`);
    else {
      socket.pause();
      if (rest.length > 0) socket.unshift(rest);
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
  return new FetchError('proxy', `the proxy ${hostPort(proxy)} can't be reached: ${error.text}`, error);
}

function advice(status: number, { authorization }: HttpProxy): string {
  if (status !== 407) return '';
  return authorization === null
    ? '; give name and password in its URL: http://NAME:PASSWORD@HOST:PORT'
    : '; it does not accept the name and password of the proxy URL';
}

function hostPort({ host, port }: { readonly host: string; readonly port: number }): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
