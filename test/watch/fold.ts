import type { TraceRecord } from '../../src/trace/index.ts';

/** A trace as text, one line a record, in milliseconds: for people, and for comparing. */
export function fold(records: readonly TraceRecord[]): string {
  return records.map(line).join('\n');
}

const ms = (us: number | null | undefined): string =>
  us === undefined ? '' : us === null ? '-' : (us / 1000).toFixed(1);

function steps(record: object, names: readonly string[]): string {
  return Object.entries(record)
    .filter(([name]) => names.includes(name))
    .map(([name, value]) => `${name.slice(0, -2)} ${ms(value as number | null)}`)
    .join(' · ');
}

function line(record: TraceRecord): string {
  switch (record.kind) {
    case 'process':
      return `process ${record.pid} of ${record.parent ?? '-'}: ${ms(record.startedUs)} to ${ms(record.endedUs)}, exit ${record.exitCode}: ${record.argv?.join(' ').slice(0, 80)}`;
    case 'connection': {
      const names = ['dnsFromUs', 'dnsToUs', 'connectingUs', 'connectedUs', 'tlsStartUs', 'tlsDoneUs'];
      return `connection ${record.id}: ${record.origin} ${record.protocol ?? '?'} ${record.tlsVersion ?? ''} to ${record.remote} · ${steps(record, names)}`;
    }
    case 'connectionClosed':
      return `connection ${record.id} closed ${ms(record.atUs)}`;
    case 'exchange': {
      const names = [
        'wantedUs',
        'calledUs',
        'dispatchedUs',
        'connectedUs',
        'sentUs',
        'answeredUs',
        'readUs',
        'failedUs',
      ];
      return `exchange ${record.id} on ${record.connection}.${record.ordinal}: ${record.method ?? '?'} ${record.url ?? record.origin} ${record.status ?? ''}${record.error ?? ''} · ${steps(record, names)} · up ${record.bytesUp} down ${record.bytesDown}`;
    }
    case 'block':
      return `block ${record.thread} in ${record.wait.call}: ${ms(record.fromUs)} to ${ms(record.toUs)}, ${record.wait.descriptors ?? '?'} descriptors, connections ${record.wait.connections?.join(' ') ?? '-'}`;
    case 'ready':
      return `ready ${record.connection} ${record.what} ${ms(record.atUs)}`;
    default:
      return JSON.stringify(record);
  }
}
