import { BYTES_TYPE } from '../answers.ts';
import { BadRequest, type ServerExchange } from '../exchange.ts';
import { append, echo } from './echo.ts';
import { urlSafeBase64 } from './parameters.ts';

/** What go-httpbin says of the body of a request. */
interface Posted {
  readonly data: string;
  readonly files: Record<string, string[]>;
  readonly form: Record<string, string[]>;
  readonly json: unknown;
}

const NOTHING: Posted = { data: '', files: {}, form: {}, json: null };

/** The echo of a request that may have a body: what /anything and /delay answer. @throws BadRequest for a body that can't be read. */
export async function echoWithBody(exchange: ServerExchange): Promise<Record<string, unknown>> {
  return { ...echo(exchange), ...(exchange.hasBody ? await posted(exchange) : NOTHING) };
}

async function posted(exchange: ServerExchange): Promise<Posted> {
  const body = await exchange.body();
  if (body.length === 0) return NOTHING;
  const contentType = exchange.header('content-type') ?? '';
  const data = body.toString();
  switch (contentType.split(';')[0]?.trim()) {
    case 'text/html':
    case 'text/plain':
      return { ...NOTHING, data };
    case 'application/json':
      return { ...NOTHING, data, json: parsed(data) };
    case 'application/x-www-form-urlencoded':
    case 'multipart/form-data':
      return { ...NOTHING, data, ...(await form(body, contentType)) };
    default:
      return { ...NOTHING, data: `data:${contentType || BYTES_TYPE};base64,${urlSafeBase64(body)}` };
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new BadRequest(`error parsing request body: ${(error as Error).message}`);
  }
}

async function form(body: Buffer, contentType: string): Promise<Pick<Posted, 'form' | 'files'>> {
  const fields: Record<string, string[]> = Object.create(null);
  const files: Record<string, string[]> = Object.create(null);
  for (const [name, value] of await formData(body, contentType)) {
    if (typeof value === 'string') append(fields, name, value);
    else append(files, name, await value.text());
  }
  return { form: fields, files };
}

async function formData(body: Buffer, contentType: string): Promise<FormData> {
  try {
    const headers = { 'content-type': contentType };
    return await new Response(new Uint8Array(body), { headers }).formData();
  } catch (error) {
    throw new BadRequest(`error parsing request body: ${(error as Error).message}`);
  }
}
