/** Types of handshake messages (RFC 8446 §4). */
export const CLIENT_HELLO = 1;
export const SERVER_HELLO = 2;

/** What a hello says in the clear: RFC 8446 §4.1.2, §4.1.3. Cut short, it says what was seen. */
export class Hello {
  readonly protocols: string[] = [];
  serverName: string | null = null;
  version: number;

  constructor(body: readonly number[], kind: typeof CLIENT_HELLO | typeof SERVER_HELLO) {
    const short = (at: number): number => ((body[at] ?? 0) << 8) | (body[at + 1] ?? 0);
    const text = (from: number, to: number): string => String.fromCharCode(...body.slice(from, to));
    this.version = short(4);
    let at = 38 + 1 + (body[38] ?? 0);
    if (kind === CLIENT_HELLO) {
      at += 2 + short(at);
      at += 1 + (body[at] ?? 0);
    } else {
      at += 3;
    }
    const end = Math.min(body.length, at + 2 + short(at));
    at += 2;
    while (at + 4 <= end) {
      const type = short(at);
      const length = short(at + 2);
      const from = at + 4;
      if (type === 0 && kind === CLIENT_HELLO) this.serverName = text(from + 5, from + 5 + short(from + 3));
      if (type === 43 && kind === SERVER_HELLO) this.version = short(from);
      if (type === 16) {
        for (let each = from + 2; each < from + length; each += 1 + body[each]!) {
          this.protocols.push(text(each + 1, each + 1 + (body[each] ?? 0)));
        }
      }
      at = from + length;
    }
  }
}
