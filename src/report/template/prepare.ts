import { readFile } from 'node:fs/promises';
import { isSecretHeader } from '../../trace/index.ts';
import { ReportError } from '../error.ts';
import type { Ask, Asked, Report, Request, Row } from '../report.ts';
import { type Credential, matchesOrigin, prepareCredential } from './credentials.ts';
import { fillText } from './fill.ts';
import { formsOf, isSecret, secretValues, secretVariables } from './secrets.ts';
import { urlOver } from './url.ts';

/** RFC 9110 §5.5: what a field value may hold; a line break would begin another field. */
const HEADER_VALUE = /^[\t\x20-\x7e\x80-\xff]*$/;

/**
 * Makes a request ready to be asked for over any row. `authorities`: PEM text in place of its file.
 * @throws ReportError when a command or a file fails.
 */
export async function prepareRequest(
  request: Request,
  report: Report,
  authorities?: string | null,
): Promise<Ask> {
  const [ca, ...credentials] = await Promise.all([
    authorities === undefined ? readAuthorities(request, report) : authorities,
    ...request.auth.map(async (auth) => ({ auth, of: await prepareCredential(auth, report) })),
  ]);
  const urlOf = urlOver(request, report);
  const credentialOf = (url: string): Credential | undefined =>
    credentials.find(({ auth: { origins } }) => origins === null || matchesOrigin(origins, url))?.of;
  const variables = secretVariables(request, report);
  const ownCredentials = request.headers
    .filter(({ name, value }) => isSecretHeader(name) || isSecret(value, report))
    .map(({ name }) => name);

  const formsOfHeader = rememberedForms();

  const ask = (row: Row): Asked => {
    const built = urlOf(row);
    if ('error' in built) return built;
    const { url } = built;
    const fields: [name: string, value: string][] = [];
    for (const { name, value } of request.headers) {
      const filled = fillText(value, row);
      if ('missing' in filled)
        return { error: `the row has no value for the column '${filled.missing}' of the header '${name}'` };
      fields.push([name, filled.text]);
    }
    const credential = credentialOf(url)?.(row);
    if (credential !== undefined && 'error' in credential) return credential;
    if (credential !== undefined) fields.push([credential.name, credential.value]);
    const headers = Object.fromEntries(fields);
    const unfit = Object.keys(headers).find((name) => !HEADER_VALUE.test(headers[name]!));
    if (unfit !== undefined)
      return {
        error: `the header '${unfit}' of this row holds a character that no header can carry (RFC 9110 §5.5)`,
      };
    const names = credential === undefined ? ownCredentials : [...ownCredentials, credential.name];
    return {
      url,
      headers,
      credentials: names,
      secrets: [
        ...variables,
        ...names.flatMap((name) => formsOfHeader(name, headers[name]!)),
        ...secretValues(row, report),
      ],
    };
  };
  return { ask, ca };
}

/** A credential as it is sent, and what follows its scheme ('Bearer ...'). Mostly it is that of the row before. */
function rememberedForms(): (name: string, value: string) => readonly string[] {
  const last = new Map<string, { readonly value: string; readonly forms: readonly string[] }>();
  return (name, value) => {
    const known = last.get(name);
    if (known?.value === value) return known.forms;
    const forms = formsOf([value, value.replace(/^[A-Za-z-]+ +/, '')]);
    last.set(name, { value, forms });
    return forms;
  };
}

/** The PEM text of the authorities that a request trusts; null: the default ones. @throws ReportError */
export async function readAuthorities({ ca, name }: Request, report: Report): Promise<string | null> {
  if (ca === null) return null;
  try {
    return await readFile(ca, 'utf8');
  } catch (error) {
    throw new ReportError(`${report.file}: ca of '${name}' can't be read: ${(error as Error).message}`);
  }
}
