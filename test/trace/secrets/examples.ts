/**
 * What is secret in URLs and in command lines: abreast itself and its probes for Python and Node each have the rules in
 * their own language, and have to answer alike. Values are made up, in pieces where a scanner could take them for real.
 */
const GITHUB = `ghp_${'0123456789abcdefABCD'}`;
const JWT = ['eyJhbGciOiJI', 'eyJzdWIiOiIx', 'c2lnbmF0dXJl'].join('.');

/** Parameters of URLs whose value is replaced. */
const SECRET = [
  ...[
    'token',
    'access_token',
    'Access%5FToken',
    'refreshToken',
    'id_token_hint',
    'private_token',
    'X-Auth-Token',
  ],
  ...[
    'oauth_token',
    'token[]',
    'token%5B0%5D',
    'Token_2',
    'pass1',
    'csrf',
    '_csrf',
    'authenticity_token',
    'nonce',
    '_wpnonce',
    'client_secret',
  ],
  ...[
    'key',
    'KEY',
    'apikey',
    'api_key',
    'API-Key',
    'hapikey',
    'x-api-key',
    'subscription-key',
    'x-functions-key',
  ],
  ...['Ocp-Apim-Subscription-Key', 'AWSAccessKeyId', 'Key-Pair-Id', 'app_key', 'consumer_key', 'master_key'],
  ...['code', 'code_verifier', 'oauth_verifier', 'device_code', 'auth_code', 'ticket', 'pgtId'],
  ...['client_assertion', 'assertion', 'SAMLResponse', 'SAMLart', 'RelayState', 'wresult', 'jwt', 'bearer'],
  ...[
    'pw',
    'pwd',
    'pass',
    'password',
    'db_password',
    'user[passwd]',
    'passphrase',
    'passcode',
    'otp',
    'totp',
  ],
  ...[
    'sig',
    'signature',
    'hmac',
    'X-Amz-Signature',
    'X-Amz-Credential',
    'X-Amz-Security-Token',
    'X-Goog-Signature',
  ],
  ...['GoogleAccessId', 'X-Goog-Credential', 'oauth_signature', 'auth', 'x-auth', 'authorization'],
  ...['sid', 'session', 'session_id', 'PHPSESSID', 'jsessionid', 'cookie'],
];

/** Parameters of URLs whose value stays. */
const OPEN = [
  ...['author', 'authority', 'authuser', 'needs_auth', 'max_tokens', 'tokens', 'tokenize', 'token_type'],
  ...[
    'keyword',
    'keys',
    'sort_key',
    'partition-key',
    'primary_key',
    'public_key',
    'cache_key',
    'idempotency_key',
  ],
  ...[
    'monkey',
    'keyboard',
    'postcode',
    'zipcode',
    'country_code',
    'status_code',
    'codec',
    'barcode',
    'encoding',
  ],
  ...[
    'tickets',
    'ticket_id',
    'state',
    'policy',
    'sv',
    'se',
    'sp',
    'sr',
    'Expires',
    'X-Amz-Date',
    'X-Amz-Algorithm',
  ],
  ...[
    'client_id',
    'client_assertion_type',
    'oauth_signature_method',
    'code_challenge',
    'redirect_uri',
    'scope',
  ],
  ...[
    'passenger',
    'bypass',
    'compass',
    'sign',
    'design',
    'signed',
    'side',
    'sidebar',
    'position',
    'announce',
  ],
  ...['key1', 'code2', 'sha1', 'tokens2', 'md5', 'token2go'],
  ...['sessions', 'process_id', 'hash', 'id', 'q', 'page', 'limit', 'cursor', 'offset', 'n'],
];

/** A URL, and how it is written. */
export const URLS: readonly (readonly [url: string, written: string])[] = [
  ...SECRET.map((name) => [`https://h/x?n=1&${name}=a1&m=2`, `https://h/x?n=1&${name}=***&m=2`] as const),
  ...OPEN.map((name) => [`https://h/x?n=1&${name}=a1&m=2`, `https://h/x?n=1&${name}=a1&m=2`] as const),
  ...changed(
    // Logins.
    ['https://me:pw@h/x', 'https://me:***@h/x'],
    ['https://me:p@w@h/x', 'https://me:***@h/x'],
    ['http://me:pa/ss@h/', 'http://me:***@h/'],
    ['http://me:pa?ss@h/', 'http://me:***@h/'],
    ['http://me:pa#ss@h:80/x', 'http://me:***@h:80/x'],
    ['http://me:pw@h:xx/', 'http://me:***@h:xx/'],
    ['//me:pw@h/', '//me:***@h/'],
    ['http:///me:pw@h/', 'http:///me:***@h/'],
    ['http:/me:pw@h/', 'http:/me:***@h/'],
    ['http:me:pw@h/', 'http:me:***@h/'],
    ['http:\\\\me:pw@h\\x', 'http:\\\\me:***@h\\x'],
    ['me:pw@h:xx', 'me:***@h:xx'],
    ['me:pw@h/x', 'me:***@h/x'],
    [`https://${GITHUB}@h/`, 'https://***@h/'],
    [`https://${GITHUB}:x-oauth-basic@h/`, 'https://***:x-oauth-basic@h/'],
    ['https://account:@h/', 'https://***:@h/'],
    ['https://archive.test/https://me:pw@h/x', 'https://archive.test/https://me:***@h/x'],
    // Places of parameters.
    ['https://h/?n=1&Access%5FToken=q#id_token=z', 'https://h/?n=1&Access%5FToken=***#id_token=***'],
    ['https://h/?API-Key=1;password=2', 'https://h/?API-Key=***;password=***'],
    ['https://h/#access_token=q&x=/y?z', 'https://h/#access_token=***&x=/y?z'],
    ['https://h/#/route?token=q', 'https://h/#/route?token=***'],
    ['https://h/a;jsessionid=1F/b?n=1', 'https://h/a;jsessionid=***/b?n=1'],
    ['h/x?token=q', 'h/x?token=***'],
    ['/x?token=q', '/x?token=***'],
    ['?token=q', '?token=***'],
    ['https//h/?sig=q', 'https//h/?sig=***'],
    ['https://h/?token=a=b&n=1', 'https://h/?token=***&n=1'],
    ['https://h/?a?token=q', 'https://h/?a?token=***'],
    // Values that are URLs and parameters.
    ['https://h/?to=https%3A%2F%2Fme%3Apw%40h', 'https://h/?to=***'],
    ['https://h/?to=%2Fx%3Ftoken%3Dq', 'https://h/?to=***'],
    ['https://h/?to=%2Fx%3Fn%3D%252Fx%253Ftoken%253Dq', 'https://h/?to=***'],
    ['https://h/?to=/x%3Ftoken=q', 'https://h/?to=***'],
    ['https://h/?state=token%3Dabc', 'https://h/?state=***'],
    ['https://h/?broken=%zz%3Ftoken%3Dq', 'https://h/?broken=***'],
    // Values that are JSON.
    ['https://h/?q={"n":1,"token" : "q"}&n=1', 'https://h/?q=***&n=1'],
    ['https://h/?q=%7B%22login%22%3A%7B%22password%22%3A%22q%22%7D%7D', 'https://h/?q=***'],
    // Values by their shape.
    [`https://h/?q=${JWT}`, 'https://h/?q=***'],
    ['https://h/?q=aB3dE5gH7jK9mN1pQ3sT5vW7', 'https://h/?q=***'],
    ['https://h/?q=aB3dE5gH7jK9mN1pQ3sT5vW7%3D%3D', 'https://h/?q=***'],
    ['https://h/?q=0123456789abcdef0123456789abcdef', 'https://h/?q=***'],
    [`https://h/repos/${GITHUB}/x`, 'https://h/repos/***/x'],
    [`https://h/repos/${GITHUB}`, 'https://h/repos/***'],
  ),
  ...unchanged(
    'https://example.com:8443/a@b?n=1&author=me&max_tokens=100',
    'https://example.com/x?id=7b0c1d2e-1111-2222-3333-444455556666&sort=name',
    'https://[::1]:8443/bytes/100?n=1000000',
    'http://[::1]:8080/a@b',
    'http://h:/a@b',
    'https://me@example.com/?keyword=name&empty=&token=',
    'https://h/?email=joe@example.com&to=https%3A%2F%2Fh%2Fx%3Fn%3D1',
    'https://h/?q=a%20%zz&n=%',
    'https://h/a;v=1.2/b;lang=en',
    'https://h/?token=***&n=1',
    'https://h/?q=%7B%22key%22%3A%22name%22%2C%22tokens%22%3A1%7D',
    'https://h/?q="the token"&n="a":1',
    'https://me:***@h/',
    'https://h/?to=/x?n=1',
    'https://h/?filter=a=b&expr=1==2',
    'https://h/0123456789abcdef0123456789abcdef/x',
    'https://h/?n=12345678901234567890123456789012',
    'https://h/risk-management-in-the-long-run-and-beyond/x',
    'mailto:joe@example.com',
    'no url at all',
    '',
  ),
];

/** The words of a command, and how they are written. Only what is the same for all programs. */
export const COMMANDS: readonly (readonly [words: string, written: string])[] = [
  ['tool --token abc --api-key abc --password abc', 'tool --token *** --api-key *** --password ***'],
  ['tool --token=abc --subscription-key=abc', 'tool --token=*** --subscription-key=***'],
  [
    'env API_KEY=a GH_TOKEN=b DB_PASSWORD_FILE=c NAME=d',
    'env API_KEY=*** GH_TOKEN=*** DB_PASSWORD_FILE=*** NAME=d',
  ],
  ['get https://me:pw@h/?key=a&n=1', 'get https://me:***@h/?key=***&n=1'],
  ['get --url=https://h/?code=a&sort_key=b', 'get --url=https://h/?code=***&sort_key=b'],
  [`tool ${GITHUB}`, 'tool ***'],
  ['tool --key key.pem --code 7 --author me', 'tool --key key.pem --code 7 --author me'],
  ['tool --max-tokens 100 --keyword=x --postcode=1', 'tool --max-tokens 100 --keyword=x --postcode=1'],
  ['python -u report.py -n 3 -o out.csv', 'python -u report.py -n 3 -o out.csv'],
];

function changed(...pairs: [string, string][]): [string, string][] {
  return pairs;
}

function unchanged(...urls: string[]): [string, string][] {
  return urls.map((url) => [url, url]);
}
