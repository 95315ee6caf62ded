import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import type { Place } from '../../document/index.ts';
import { type ReportError, reportErrorAt } from '../error.ts';
import type { Auth, Report, Row } from '../report.ts';
import { fillText } from './fill.ts';

/** How long a command may take to print a header. */
const PATIENCE_MS = 60_000;

/** The header of an `auth`, for a row; or why there is none. */
export type Credential = (
  row: Row,
) => { readonly name: string; readonly value: string } | { readonly error: string };

/** Makes an `auth` ready; a command is run. @throws ReportError when it fails or prints nothing. */
export async function prepareCredential({ header, place }: Auth, report: Report): Promise<Credential> {
  if ('command' in header) {
    const value = await firstLineOf(header.command, place, report);
    return () => ({ name: header.name, value });
  }
  if ('bearer' in header)
    return (row) => {
      const token = fillText(header.bearer, row);
      return 'missing' in token ? missing(token.missing) : authorization(`Bearer ${token.text}`);
    };
  const { user, password } = header.basic;
  return (row) => {
    const [name, word] = [fillText(user, row), fillText(password, row)];
    if ('missing' in name) return missing(name.missing);
    if ('missing' in word) return missing(word.missing);
    // RFC 7617 §2.
    if (name.text.includes(':')) return { error: "a user's name can't hold ':' in basic authorization" };
    return authorization(`Basic ${Buffer.from(`${name.text}:${word.text}`, 'utf8').toString('base64')}`);
  };
}

/** Whether a URL's origin is one of these patterns: of a host, or of a whole origin; `*` means any characters. */
export function matchesOrigin(patterns: readonly string[], url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { origin, hostname, host } = new URL(url);
  return patterns.some((pattern) => {
    const matcher = new RegExp(`^${pattern.replace(/[^\w*]/g, '\\$&').replaceAll('*', '.*')}$`, 'i');
    return matcher.test(pattern.includes('://') ? origin : pattern.includes(':') ? host : hostname);
  });
}

function authorization(value: string) {
  return { name: 'authorization', value };
}

function missing(column: string) {
  return { error: `the row has no value for the column '${column}', which its auth needs` };
}

async function firstLineOf(command: readonly string[], place: Place, report: Report): Promise<string> {
  const [file, ...args] = command as [string, ...string[]];
  const failed = (why: string): ReportError => reportErrorAt(report, place, `the command '${file}' ${why}`);
  let printed: string;
  try {
    const options = { cwd: report.folder, timeout: PATIENCE_MS, maxBuffer: 1024 * 1024 };
    printed = (await promisify(execFile)(file, args, options)).stdout;
  } catch (error) {
    throw failed(whyFailed(error as NodeJS.ErrnoException & { killed?: boolean; stderr?: string }));
  }
  const line = printed.split(/\r?\n/)[0]!.trim();
  if (line === '') throw failed('printed nothing; its first line is the value of the header');
  return line;
}

function whyFailed(error: NodeJS.ErrnoException & { killed?: boolean; stderr?: string }): string {
  if (error.code === 'ENOENT') return 'was not found';
  if (error.killed) return `took longer than ${PATIENCE_MS / 1000} s`;
  const said = error.stderr?.trim().split('\n')[0] ?? '';
  return `failed with exit code ${error.code}${said === '' ? '' : `: ${said}`}`;
}
