import { randomUUID } from 'node:crypto';
import { asJson, HTML_TYPE, JSON_TYPE, replyJson, TEXT_TYPE, typed } from '../answers.ts';
import type { Fields, Route, RouteEntry, ServerExchange } from '../exchange.ts';
import { written } from '../writing.ts';
import { argsOf, headersOf, originOf, urlOf } from './echo.ts';
import { wholeNumber } from './parameters.ts';

/** The sample that httpbin has answered /json with since its first days: clients' tests read its titles. */
const SLIDESHOW = {
  slideshow: {
    author: 'Yours Truly',
    date: 'date of publication',
    slides: [
      { title: 'Wake up to WonderWidgets!', type: 'all' },
      {
        items: ['Why <em>WonderWidgets</em> are great', 'Who <em>buys</em> WonderWidgets'],
        title: 'Overview',
        type: 'all',
      },
    ],
    title: 'Sample Slide Show',
  },
};

const PAGE = `<!DOCTYPE html>
<html lang="en">
<head><title>A page to fetch</title></head>
<body>
<h1>A page to fetch</h1>
<p>Every client that asks for it gets this page, however many ask at once.</p>
</body>
</html>
`;

/** Documents that are the same each time, and a few that never are. */
export const DOCUMENTS: readonly RouteEntry[] = [
  { pattern: '/json', about: 'a JSON document', route: fixed(JSON_TYPE, asJson(SLIDESHOW)) },
  { pattern: '/html', about: 'an HTML page', route: fixed(HTML_TYPE, PAGE) },
  {
    pattern: '/robots.txt',
    about: 'what robots may read',
    route: fixed(TEXT_TYPE, 'User-agent: *\nDisallow: /deny\n'),
  },
  {
    pattern: '/deny',
    about: 'what robots may not read',
    route: fixed(TEXT_TYPE, 'Robots should not read this.'),
  },
  { pattern: '/uuid', about: 'a random UUID', route: uuid },
  { pattern: '/stream/:lines', about: 'the request as that many lines of JSON, at most 100', route: stream },
];

function fixed(contentType: string, text: string): Route {
  const fields: Fields = typed(contentType);
  const body = Buffer.from(text);
  return (exchange) => exchange.reply(200, fields, body);
}

function uuid(exchange: ServerExchange): void {
  replyJson(exchange, { uuid: randomUUID() });
}

const TEXT = typed(TEXT_TYPE);

async function stream(exchange: ServerExchange, wanted: string): Promise<void> {
  const count = Math.max(1, Math.min(100, wholeNumber('count', wanted, -1e9, 1e9)));
  const line = {
    args: argsOf(exchange),
    headers: headersOf(exchange),
    origin: originOf(exchange),
    url: urlOf(exchange),
  };
  const body = exchange.open(200, TEXT);
  for (let id = 0; id < count; id++) {
    if (!(await written(body, `${JSON.stringify({ id, ...line })}\n`))) return;
  }
  body.end();
}
