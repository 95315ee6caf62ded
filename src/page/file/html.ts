import { createHash } from 'node:crypto';
import type { About } from '../model/about.ts';
import type { App } from './app.ts';

/** What every page says it is made by. */
export const GENERATOR = 'abreast view';

/** The page around the data: what comes before the traces, and after them. */
export function pageParts(
  about: About,
  { script, style }: App,
): { readonly head: string; readonly foot: string } {
  const sentence = about.runs.map(({ verdict }) => verdict.verdict).join(' | ');
  return {
    head: `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(script, style)}">
<meta name="generator" content="${GENERATOR}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<title>${escaped(sentence)}</title>
<link rel="icon" href="data:,">
<style>${style}</style>
</head>
<body>
<div id="app"><main><h1>${escaped(sentence)}</h1><noscript><p>The rest of this page needs JavaScript.</p></noscript></main></div>
<script type="application/json" id="verdict">${jsonInMarkup(about)}</script>
<script>${script}</script>
`,
    foot: '</body>\n</html>\n',
  };
}

/** Nothing is loaded, and only this script and this style sheet count. */
function policy(script: string, style: string): string {
  return `default-src 'none'; script-src '${hashOf(script)}'; style-src '${hashOf(style)}'; img-src data:; base-uri 'none'; form-action 'none'`;
}

function hashOf(text: string): string {
  return `sha256-${createHash('sha256').update(text).digest('base64')}`;
}

/** JSON that can end no element and begin no comment (HTML, §4.12.1.3). */
function jsonInMarkup(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => ENTITIES[char]!);
}
