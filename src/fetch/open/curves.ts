import tls from 'node:tls';

/**
 * The groups of a key exchange that we offer. Only the key share of the first is sent along: a server that wants
 * another one asks for it.
 */
const CLASSIC =
  'X25519:prime256v1:secp384r1:secp521r1:X448:ffdhe2048:ffdhe3072:ffdhe4096:ffdhe6144:ffdhe8192';

/**
 * Hybrid groups withstand a quantum computer, and make a handshake about 10% dearer in CPU; a run over many origins is
 * mostly handshakes. Servers with OpenSSL 3.5 ask for one as soon as it is offered, at the price of a round trip. So
 * they are offered only to a server that takes nothing else. Who records the traffic of the others today might read it
 * one day.
 */
const HYBRID = 'X25519MLKEM768:SecP256r1MLKEM768:SecP384r1MLKEM1024';

/** Whether this Node can offer these groups, separated by colons. */
export function isCurves(list: string): boolean {
  if (list === '') return false;
  try {
    tls.createSecureContext({ ecdhCurve: list, ca: [] });
    return true;
  } catch {
    return false;
  }
}

/** Which groups are offered to each origin. */
export class Curves {
  readonly #given: string | undefined;
  /** Origins that took none of the classic ones. */
  readonly #others = new Set<string>();

  /** @throws TypeError for a list that Node can't offer */
  constructor(given: string | undefined) {
    if (given !== undefined && !isCurves(given))
      throw new TypeError(
        `--curves (tls.curves): '${given}' is no list of curves that this Node knows; write names with colons between: X25519:P-256`,
      );
    this.#given = given;
  }

  /** As tls.connect takes them. */
  of(origin: string): string {
    return this.#given ?? (this.#others.has(origin) ? `${CLASSIC}:${HYBRID}` : CLASSIC);
  }

  /** A server found nothing in common with us where these were offered. Whether more are from now on. */
  offerMore(origin: string, offered: string): boolean {
    if (this.#given === undefined && isCurves(HYBRID)) this.#others.add(origin);
    return this.of(origin) !== offered;
  }
}
