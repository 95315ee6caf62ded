// Which names and values are secrets: the rules of src/trace/secrets, once more, because this file needs nothing but
// itself (and nothing newer than Node 8's patterns); test/trace/secrets/examples.ts holds both to the same answers.

const HIDDEN = '***';
const SECRET_NAME = new RegExp(
  [
    'authorization|secret|passw|passphrase|passcode|jwt|bearer|cookie|csrf|xsrf',
    '(?:token|tokenhint|signature|hmac|credentials?|assertion|nonce)\\d*$',
    '(?:pwd|userpw|sessionid|sessid|authhash|authticket|codeverifier|oauthverifier)\\d*$',
    '(?:authcode|accesscode|devicecode|securitycode|verificationcode)\\d*$',
    '(?:api|access|private)key(?:id)?\\d*$',
    '(?:signing|session|encryption|account|auth|master|shared|subscription|functions?|consumer|client)key\\d*$',
    '(?:app|application|admin|server|service|write|stream|license|developer|deploy|pass)key\\d*$',
    'keypairid\\d*$',
    '^(?:pass|userpass|dbpass|pw|psk|sig|sid|otp|totp|session)\\d*$',
    '^(?:auth|xauth|httpauth|proxyauth|basicauth|bearerauth|oauth|authentication)\\d*$',
  ].join('|'),
);
const SECRET_IN_URLS =
  /^(?:key|code|ticket|googleaccessid|pgtid|pgtiou|samlresponse|samlart|relaystate|wresult)$/;
const KNOWN_TOKEN =
  /(^|[^A-Za-z0-9])(?:gh[pousr]_\w{16,}|github_pat_\w{16,}|glpat-[\w-]{16,}|xox[abeoprs]-[\w-]{8,}|[sr]k_(?:live|test)_\w{8,}|sk-[\w-]{16,}|A[KS]IA[A-Z0-9]{12,}|AIza[\w-]{30,}|ya29\.[\w.-]{16,}|npm_\w{30,}|pypi-[\w-]{16,}|hf_\w{20,}|dop_v1_\w{16,}|eyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*)/g;
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const wordOf = (name) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
const isSecretName = (name) => SECRET_NAME.test(wordOf(name));
const isSecretParameter = (name) => isSecretName(decoded(name)) || SECRET_IN_URLS.test(wordOf(decoded(name)));
const isSecretVariable = (name) => isSecretName(name) || /_key$/i.test(name);
const hideKnown = (text) => text.replace(KNOWN_TOKEN, `$1${HIDDEN}`);

function looksSecret(value) {
  if (value.length < 16) return false;
  if (hideKnown(value) !== value) return true;
  if (/^[0-9a-f]{32,}$/i.test(value)) return /[0-9]/.test(value) && /[a-f]/i.test(value);
  return (
    value.length >= 24 &&
    /^[\w+/.~-]+=*$/.test(value) &&
    /[a-z]/.test(value) &&
    /[A-Z]/.test(value) &&
    /[0-9].*[0-9]/.test(value) &&
    !UUID.test(value)
  );
}

/** Each %XX as the character of that number. */
function decoded(text) {
  return text.replace(/%([0-9a-f]{2})/gi, (_, hex) => String.fromCharCode(parseInt(hex, 16)));
}
