import assert from 'node:assert/strict';
import { parseDocument } from '../../../src/document/index.ts';
import { checkReport } from '../../../src/report/file/index.ts';
import type { Asked, Report, Row } from '../../../src/report/report.ts';
import { prepareRequest } from '../../../src/report/template/index.ts';

interface Around {
  readonly env?: Readonly<Record<string, string>>;
  readonly secret?: readonly string[];
}

/** A report of one request. */
export function reportOf(request: object, { env = {}, secret = [] }: Around = {}): Report {
  const text = JSON.stringify({ requests: [{ name: 'probe', ...request }], secret });
  return checkReport(parseDocument(text, 'report.json'), env);
}

/** What a request asks for over a row. */
export async function asked(request: object, row: Row, around?: Around): Promise<Asked> {
  const report = reportOf(request, around);
  return (await prepareRequest(report.requests[0]!, report)).ask(row);
}

/** The URL that a request asks for. @throws the error of the row */
export async function prepared(request: object, row: Row, around?: Around): Promise<string> {
  const answer = await asked(request, row, around);
  if ('error' in answer) throw new Error(answer.error);
  assert.equal(typeof answer.url, 'string');
  return answer.url;
}
