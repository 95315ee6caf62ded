/**
 * Which names and which tokens are credentials. abreast reads this table, and its probes have it rendered into their own language
 * (scripts/secret-rules.ts); test/trace/secrets/examples.ts holds all of them to the same answers.
 *
 * Names are words in lower case, without what separates them.
 */

/** Secret when a name has one of these anywhere. */
export const ANYWHERE = [
  ...[
    'authorization',
    'secret',
    'passw',
    'passphrase',
    'passcode',
    'jwt',
    'bearer',
    'cookie',
    'csrf',
    'xsrf',
  ],
];

/** Secret when a name ends in one of these, or in one and a number: 'token2', 'token[0]'. */
export const AT_THE_END = [
  ...['token', 'tokenhint', 'signature', 'hmac', 'credential', 'credentials', 'assertion', 'nonce'],
  ...['pwd', 'userpw', 'sessionid', 'sessid', 'authhash', 'authticket', 'codeverifier', 'oauthverifier'],
  ...['authcode', 'accesscode', 'devicecode', 'securitycode', 'verificationcode'],
  ...['apikey', 'accesskey', 'privatekey', 'signingkey', 'sessionkey', 'encryptionkey', 'accountkey'],
  ...['authkey', 'masterkey', 'sharedkey', 'subscriptionkey', 'functionkey', 'functionskey', 'consumerkey'],
  ...['clientkey', 'appkey', 'applicationkey', 'adminkey', 'serverkey', 'servicekey', 'writekey'],
  ...['streamkey', 'licensekey', 'developerkey', 'deploykey', 'passkey'],
  ...['apikeyid', 'accesskeyid', 'privatekeyid', 'keypairid'],
];

/** Secret when a name is one of these, or one and a number. */
export const WHOLE = [
  ...['pass', 'userpass', 'dbpass', 'pw', 'psk', 'sig', 'sid', 'otp', 'totp', 'session'],
  ...['auth', 'xauth', 'httpauth', 'proxyauth', 'basicauth', 'bearerauth', 'oauth', 'authentication'],
];

/** Secret in a URL, where these are parameters of a login or of an API; elsewhere they are ordinary words. */
export const WHOLE_IN_URLS = [
  ...['key', 'code', 'ticket', 'googleaccessid', 'pgtid', 'pgtiou'],
  ...['samlresponse', 'samlart', 'relaystate', 'wresult'],
];

/** Tokens with a known prefix. `letters` is the class of the characters that follow, `least` their least number. */
export interface KnownToken {
  readonly begins: readonly string[];
  readonly letters: 'word' | 'word-' | 'word.-' | 'capital';
  readonly least: number;
}

/** GitHub, GitLab, Slack, Stripe, OpenAI, AWS, Google, npm, PyPI, Hugging Face, DigitalOcean. */
export const KNOWN_TOKENS: readonly KnownToken[] = [
  { begins: ['ghp_', 'gho_', 'ghu_', 'ghs_', 'ghr_', 'github_pat_'], letters: 'word', least: 16 },
  { begins: ['glpat-'], letters: 'word-', least: 16 },
  { begins: ['xoxa-', 'xoxb-', 'xoxe-', 'xoxo-', 'xoxp-', 'xoxr-', 'xoxs-'], letters: 'word-', least: 8 },
  { begins: ['sk_live_', 'sk_test_', 'rk_live_', 'rk_test_'], letters: 'word', least: 8 },
  { begins: ['sk-'], letters: 'word-', least: 16 },
  { begins: ['AKIA', 'ASIA'], letters: 'capital', least: 12 },
  { begins: ['AIza'], letters: 'word-', least: 30 },
  { begins: ['ya29.'], letters: 'word.-', least: 16 },
  { begins: ['npm_'], letters: 'word', least: 30 },
  { begins: ['pypi-'], letters: 'word-', least: 16 },
  { begins: ['hf_'], letters: 'word', least: 20 },
  { begins: ['dop_v1_'], letters: 'word', least: 16 },
];

const LETTERS = { word: '\\w', 'word-': '[\\w-]', 'word.-': '[\\w.-]', capital: '[A-Z0-9]' };

/** The tokens as regular expressions, for JavaScript. */
export const TOKEN_PATTERNS: readonly string[] = KNOWN_TOKENS.map(
  ({ begins, letters, least }) =>
    `(?:${begins.join('|').replaceAll('.', '\\.')})${LETTERS[letters]}{${least},}`,
);
