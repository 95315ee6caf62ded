// Which names and values are secrets: the rules of src/trace/secrets, once more, because this file needs nothing but
// itself (and nothing newer than Node 8's patterns); test/trace/secrets/examples.ts holds both to the same answers.

const HIDDEN = '***';
const SECRET_NAME = new RegExp(`${SECRET_ANYWHERE}|(?:${SECRET_AT_THE_END})\\d*$|^(?:${SECRET_WHOLE})\\d*$`);
const SECRET_IN_URLS = new RegExp(`^(?:${SECRET_WHOLE_IN_URLS})$`);
/** The last is a JWT. */
const KNOWN_TOKEN = new RegExp(
  `(^|[^A-Za-z0-9])(?:${SECRET_TOKENS}|eyJ[\\w-]{6,}\\.[\\w-]{6,}\\.[\\w-]*)`,
  'g',
);
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
