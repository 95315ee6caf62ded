// URLs without their credentials.

function cleanUrl(url) {
  if (keepUrls) return url;
  const plain = cleanLogin(url);
  const query = plain.search(/[?#]/);
  const path = hideKnown(query < 0 ? plain : plain.slice(0, query));
  const cleanPath = path.replace(/[^/]*;[^/]*/g, cleanParameters);
  return query < 0 ? cleanPath : cleanPath + cleanParameters(plain.slice(query));
}

function cleanLogin(url) {
  if (!url.includes('@')) return url;
  return url
    .replace(
      /^([^/\\?#@]*[/\\]{2}[^/\\?#@:[]*:)(?!\d*(?:[/\\?#]|$))[^@/\\?#]*[/\\?#][\s\S]*(?=@)/,
      `$1${HIDDEN}`,
    )
    .replace(
      /^(?!mailto:)(\s*(?:(?:https?|wss?|ftp):[/\\]?)?)([^/\\?#@:]*:[^/\\?#]+)(?=@)/i,
      (_, before, login) => before + cleanUser(login),
    )
    .replace(/([/\\]{2})([^/\\?#]+)(?=@)/g, (_, slashes, login) => slashes + cleanUser(login));
}

/** 'user:password'; with an empty password the user is the credential. */
function cleanUser(login) {
  const colon = login.indexOf(':');
  if (colon < 0) return looksSecret(login) ? HIDDEN : login;
  if (/^(|x-oauth-basic|x-access-token)$/.test(login.slice(colon + 1))) return HIDDEN + login.slice(colon);
  const user = login.slice(0, colon);
  return `${looksSecret(user) ? HIDDEN : user}:${HIDDEN}`;
}

function cleanParameters(text) {
  return text.replace(/([^=?&;#]*)=([^?&;#]+)/g, (whole, name, value) =>
    isSecretParameter(name) || (value.length > 5 && holdsSecret(value)) ? `${name}=${HIDDEN}` : whole,
  );
}

/** By its shape, or because it is a URL, parameters or JSON of its own, however often it is encoded. */
function holdsSecret(value) {
  if (looksSecret(value)) return true;
  if (!/[%="]|\/\//.test(value)) return false;
  let inner = value;
  for (let layer = 0; layer < 5; layer++) {
    if (inner.includes('//') && cleanLogin(inner) !== inner) return true;
    if (inner.split(/[?&;#]/).some(isSecretPair) || hasSecretMember(inner)) return true;
    const outer = inner;
    inner = decoded(outer);
    if (inner === outer) return false;
  }
  return false;
}

/** JSON as '{"token":"x"}'. */
function hasSecretMember(text) {
  const parts = text.split('"');
  return parts.some((name, at) => /^ *:/.test(parts[at + 1] || '') && isSecretName(name));
}

function isSecretPair(pair) {
  const names = pair.split('=');
  const value = names.pop();
  return (
    looksSecret(pair) ||
    looksSecret(value) ||
    (value !== '' && value !== HIDDEN && names.some(isSecretParameter))
  );
}
