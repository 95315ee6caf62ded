import { dirname } from 'node:path';
import {
  checkDocument,
  type Document,
  faultyDocument,
  openDocument,
  parseDocument,
} from '../../document/index.ts';
import type { Report } from '../report.ts';
import type { EnvironmentVariables } from '../template/index.ts';
import { buildReport } from './build.ts';
import { find } from './find.ts';
import { nameFaults } from './names.ts';
import { pathFaults } from './paths.ts';
import { reportSchema } from './schema.ts';
import { siteOf } from './site.ts';
import { requestTemplateFaults, templateFaults } from './templates.ts';

/** Reads a report file, with the variables of `env`. @throws DocumentError with every fault that the file alone shows. */
export async function readReport(file: string, env: EnvironmentVariables): Promise<Report> {
  return checkReport(await openDocument(file), env);
}

/** A report of a document that was read. Files that it names must be there. @throws DocumentError */
export function checkReport(document: Document, given: EnvironmentVariables): Report {
  const { data, file } = document;
  const env = withTestServer(data, given);
  const checked = checkDocument(document, reportSchema);
  const faults = [
    ...('faults' in checked ? checked.faults : []),
    ...templateFaults(data, env),
    ...nameFaults(data),
    ...pathFaults(data, dirname(file), env),
  ];
  if ('faults' in checked || faults.length > 0) throw faultyDocument(document, faults);
  return buildReport(document, checked.value, siteOf(document, env));
}

/**
 * A report that another process has found right, from its text: it needs neither the files that it names here, nor the
 * variables of its rows and dumps. @throws DocumentError for a variable of a request that is missing
 */
export function readSharedReport(text: string, file: string, given: EnvironmentVariables): Report {
  const document = parseDocument(text, file);
  const env = withTestServer(document.data, given);
  const checked = checkDocument(document, reportSchema);
  const faults = [
    ...('faults' in checked ? checked.faults : []),
    ...requestTemplateFaults(document.data, env),
  ];
  if ('faults' in checked || faults.length > 0) throw faultyDocument(document, faults);
  const report = buildReport(document, checked.value, siteOf(document, env));
  // A cache is a folder beside the file.
  return { ...report, requests: report.requests.map((request) => ({ ...request, cache: null })) };
}

/** The variable that holds the URL of the test server. */
export const TEST_SERVER = 'TEST_SERVER';

/** Its value before it runs. */
export const TEST_SERVER_TO_BE = 'http://test-server';

/** The environment with what it says of a test server at this URL. */
export function withTestServerAt(url: string, env: EnvironmentVariables): EnvironmentVariables {
  // What runs nowhere yet has no port.
  const port = url === TEST_SERVER_TO_BE ? '0' : portOf(url);
  return { ...env, [TEST_SERVER]: url, TEST_SERVER_PORT: port };
}

function withTestServer(data: unknown, env: EnvironmentVariables): EnvironmentVariables {
  const wanted = find(data, 'testServer').some(({ value }) => value !== false);
  return wanted ? withTestServerAt(env[TEST_SERVER] || TEST_SERVER_TO_BE, env) : env;
}

function portOf(url: string): string {
  const { port, protocol } = URL.canParse(url) ? new URL(url) : { port: '', protocol: 'http:' };
  return port || (protocol === 'https:' ? '443' : '80');
}
