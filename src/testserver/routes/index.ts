import { HTML_TYPE, typed } from '../answers.ts';
import type { RouteEntry } from '../exchange.ts';
import { BYTES } from './bytes.ts';
import { CACHEABLE } from './cache.ts';
import { DOCUMENTS } from './documents.ts';
import { ENCODED } from './encoded.ts';
import { IDENTITY } from './identity.ts';
import { INSPECTING } from './inspect.ts';
import { REDIRECTS } from './redirects.ts';
import { STATUSES } from './status.ts';
import { WAITING } from './wait.ts';

/** httpbin's routes. */
export const HTTPBIN: readonly RouteEntry[] = [
  ...INSPECTING,
  ...STATUSES,
  ...WAITING,
  ...BYTES,
  ...DOCUMENTS,
  ...ENCODED,
  ...REDIRECTS,
  ...IDENTITY,
  ...CACHEABLE,
];

/** The page at / that lists routes. */
export function listing(entries: readonly RouteEntry[]): RouteEntry {
  const rows = entries.map(
    ({ pattern, about }) => `<tr><td><code>${escaped(pattern)}</code><td>${escaped(about)}`,
  );
  const page = `<!DOCTYPE html>
<html lang="en">
<head><meta charset="utf-8"><title>abreast test server</title></head>
<body>
<h1>abreast test server</h1>
<table>
${rows.join('\n')}
</table>
</body>
</html>
`;
  const fields = typed(HTML_TYPE, 'Content-Security-Policy', "default-src 'none'");
  const body = Buffer.from(page);
  return { pattern: '/', about: 'this list', route: (exchange) => exchange.reply(200, fields, body) };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
}
