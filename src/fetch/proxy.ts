import type { Socket } from 'node:net';
import type { FetchError } from './errors.ts';
import type { Target } from './target.ts';
export interface Proxy {
  host: string;
  port: number;
  authorization: string | null;
}
export class Proxies {
  constructor(_option: string | null) {}
  of(_target: Target): Proxy | null {
    return null;
  }
}
export function tunnel(_s: Socket, _p: Proxy, _t: Target, _done: (error: FetchError | null) => void): void {}
