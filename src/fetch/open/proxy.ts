import type { Target } from '../target.ts';
import { type Exemptions, exemptions } from './no-proxy.ts';

/** An HTTP proxy. */
export interface HttpProxy {
  /** Without brackets. */
  readonly host: string;
  readonly port: number;
  /** The Proxy-Authorization that name and password in its URL stand for. */
  readonly authorization: string | null;
}

/** Which proxy the requests of a run go through. */
export class Proxies {
  readonly #http: HttpProxy | null;
  readonly #https: HttpProxy | null;
  readonly #isExempt: Exemptions['isExempt'];
  /** Warnings about the proxies: entries of NO_PROXY without effect. */
  readonly notes: readonly string[];

  /**
   * @param option the proxy for everything, '' for none, null for what the environment says
   * @throws TypeError for a proxy that is no http: URL, naming the option or the variable
   */
  constructor(option: string | null, env: NodeJS.ProcessEnv = process.env) {
    if (option !== null) {
      this.#http = this.#https = parseProxy(option, '--proxy');
      this.#isExempt = () => false;
      this.notes = [];
      return;
    }
    this.#http = fromEnvironment(env, inCgi(env) ? ['http_proxy'] : ['http_proxy', 'HTTP_PROXY']);
    this.#https = fromEnvironment(env, ['https_proxy', 'HTTPS_PROXY']);
    const name = env.no_proxy ? 'no_proxy' : 'NO_PROXY';
    const { isExempt, ignored } = exemptions(env[name] ?? '');
    this.#isExempt = isExempt;
    const isUsed = this.#http !== null || this.#https !== null;
    this.notes = isUsed ? ignored.map((entry) => ignoredNote(name, entry)) : [];
  }

  /** The proxy for a target, null for none. */
  of(target: Target): HttpProxy | null {
    const proxy = target.secure ? this.#https : this.#http;
    return proxy === null || this.#isExempt(target.host, target.port) ? null : proxy;
  }
}

function ignoredNote(variable: string, entry: string): string {
  return `${variable}: '${entry}' is no host and no network, and exempts nothing; write a name, an address, or a network as 10.0.0.0/8`;
}

/**
 * The first variable that is set, of these and of ALL_PROXY; the lower-case one leads, as with curl. Empty counts as
 * not set.
 */
function fromEnvironment(env: NodeJS.ProcessEnv, names: readonly string[]): HttpProxy | null {
  const name = [...names, 'all_proxy', 'ALL_PROXY'].find((candidate) => env[candidate]);
  return name === undefined ? null : parseProxy(env[name]!, name);
}

/**
 * Whether this runs as a CGI program: there a client's header 'Proxy:' arrives as HTTP_PROXY (CVE-2016-5385), which is
 * why curl knows only the lower-case name. Like Go, we take both where no client can set it.
 */
function inCgi(env: NodeJS.ProcessEnv): boolean {
  return env.REQUEST_METHOD !== undefined;
}

/** Reads a proxy as curl does: a scheme may be missing. Port 80 unless given. @throws TypeError without the password */
function parseProxy(text: string, option: string): HttpProxy | null {
  if (text === '') return null;
  const hasScheme = /^[a-z][a-z0-9+.-]*:\/\//i.test(text);
  const wanted = `${option}: a proxy is written http://[NAME:PASSWORD@]HOST[:PORT]`;
  if (hasScheme && !/^http:/i.test(text))
    throw new TypeError(`${wanted}; ${text.slice(0, text.indexOf(':'))}: is not supported`);
  try {
    const { hostname, port, username, password } = new URL(hasScheme ? text : `http://${text}`);
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return {
      host: hostname.replace(/^\[|\]$/g, ''),
      port: port === '' ? 80 : Number(port),
      authorization: login === ':' ? null : `Basic ${Buffer.from(login).toString('base64')}`,
    };
  } catch {
    throw new TypeError(wanted);
  }
}
