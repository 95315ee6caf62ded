import type { Cell, Result } from '../../stages/index.ts';
import { paint } from '../../view/index.ts';

/** Columns of the class of a socket. */
const SOCKET = 23;

/** The header line of a stage, with the names of its programs. */
export function headLine({ programs, runtime }: Pick<Cell, 'programs' | 'runtime'>): string {
  const { serial, concurrent } = programs;
  const language = runtime.language === 'python' ? 'py' : runtime.language;
  const text = line(
    'st',
    language,
    'proto',
    'n',
    serial.name,
    concurrent.name,
    'flight',
    'socket',
    'came',
    'exp.',
  );
  return paint('faint', text, process.stdout);
}

/** A row of the table, within 80 columns. */
export function rowLine({ cell, serial, concurrent, came, asExpected }: Result): string {
  const text = line(
    cell.name,
    cell.version,
    cell.protocol,
    `${cell.n}`,
    seconds(serial),
    seconds(concurrent),
    concurrent?.inFlight ? concurrent.inFlight.mean.toFixed(1) : '-',
    shortClass(concurrent?.socket[0]),
    came,
    cell.expected ?? '-',
  );
  if (asExpected === false) return paint('bad', text, process.stdout);
  return came === 'fast' ? text : paint('warn', text, process.stdout);
}

function line(
  stage: string,
  version: string,
  protocol: string,
  n: string,
  serial: string,
  concurrent: string,
  flight: string,
  socket: string,
  came: string,
  expected: string,
): string {
  return [
    stage.padStart(2),
    version.padEnd(4),
    protocol.padEnd(5),
    n.padStart(3),
    serial.slice(0, 9).padStart(8),
    concurrent.slice(0, 9).padStart(9),
    flight.padStart(6),
    socket.padEnd(SOCKET),
    came.padEnd(6),
    expected,
  ]
    .join(' ')
    .trimEnd();
}

function seconds(measured: Result['serial']): string {
  return measured === null ? '-' : `${measured.seconds.toFixed(2)} s`;
}

/** Its last names, as many as there is room for: 'pyopenssl.WrappedSocket'. */
export function shortClass(name: string | undefined): string {
  let short = name ?? '-';
  while (short.length > SOCKET && short.includes('.')) short = short.slice(short.indexOf('.') + 1);
  return short.slice(0, SOCKET);
}
