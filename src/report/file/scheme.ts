/** Schemes have two letters or more: `c://` is a drive to some. */
const SCHEME = /^([a-z][a-z\d+.:-]+):\/\//i;

/** The scheme of a text that is a URL and no path, in lower case: 's3' of 's3://bucket/x'. null: it is a path. */
export function schemeOf(text: string): string | null {
  return SCHEME.exec(text)?.[1]?.toLowerCase() ?? null;
}

/** Whether a URL of this scheme can be asked for or posted to. */
export function isHttp(scheme: string | null): boolean {
  return scheme === 'http' || scheme === 'https';
}

/** What to say of a URL where no such URL can be. Of the URL only its scheme is shown: a password may be in the rest. */
export function strangeUrl(text: string, expected: string): string {
  const path = /^file:\/\/(\/.*)/i.exec(text)?.[1];
  return `this is a URL that begins with ${schemeOf(text)}://; expected ${path === undefined ? expected : `the path alone: ${path}`}`;
}
