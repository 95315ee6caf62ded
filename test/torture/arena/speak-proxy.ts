import { connect, type Socket } from 'node:net';
import type { Stage } from './arena.ts';
import { caseAt } from './place.ts';
import { play } from './play.ts';

/** A proxy that answers CONNECT as the case says whose address is asked for, or opens the tunnel. */
export function speakProxy(client: Socket, stage: Stage): void {
  client.once('data', (request) => {
    const [, host = '', port = ''] = /^CONNECT ([\d.]+):(\d+) /.exec(request.toString('latin1')) ?? [];
    const number = caseAt(host);
    const steps = number === null ? undefined : stage.case(number)?.scene.connectAnswer;
    if (steps !== undefined) {
      client.resume();
      play(client, steps, stage.listener(number!));
      return;
    }
    const server = connect(Number(port), host, () => {
      client.write('HTTP/1.1 200 Connection established\r\n\r\n');
      client.pipe(server).pipe(client);
    });
    server.on('error', () => client.destroy());
    server.once('close', () => client.destroy());
    client.once('close', () => server.destroy());
  });
}
