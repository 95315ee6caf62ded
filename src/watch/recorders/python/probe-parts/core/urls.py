# URLs and their parameters without credentials.

def decoded(text):
    """Each %XX as the character of that number."""
    if '%' not in text:
        return text
    parts = text.split('%')
    for at in range(1, len(parts)):
        code, rest = parts[at][:2], parts[at][2:]
        is_code = len(code) == 2 and consists_of(code, HEX_DIGITS)
        parts[at] = character(int(code, 16)) + rest if is_code else '%' + parts[at]
    return ''.join(parts)


clean_urls = {}  # the last ones


def clean_url(url):
    cleaned = clean_urls.get(url)
    if cleaned is None:
        if len(clean_urls) >= 500:
            clean_urls.clear()
        cleaned = clean_urls[url] = _clean_url(url)
    return cleaned


def _clean_url(url):
    if KEEP_URLS or not url:
        return url
    url = clean_login(text_of(url)) if '@' in url else text_of(url)
    query = next_of('?#', url, 0)
    path = hide_known(url[:query])
    if ';' in path:
        path = '/'.join([clean_parameters(segment) if ';' in segment else segment for segment in path.split('/')])
    return path + clean_parameters(url[query:])


def next_of(letters, text, start):
    """Where one of the letters is, from `start` on; the end of the text, if none is."""
    for at in range(start, len(text)):
        if text[at] in letters:
            return at
    return len(text)


def clean_login(url):
    return clean_logins_after_slashes(clean_bare_login(clean_odd_password(url)))


def clean_odd_password(url):
    """A password with a raw '/', '?' or '#' is not valid, but people type it: no port stands behind the colon."""
    slashes = next_of('/\\?#@', url, 0)
    if not is_slashes(url, slashes):
        return url
    start = slashes + 2
    end = next_of('/\\?#', url, start)
    user, colon, port = url[start:end].partition(':')
    if not colon or '@' in url[start:end] or '[' in user or not port.strip(DIGITS) or '@' not in url[end:]:
        return url
    return url[:start] + user + colon + HIDDEN + url[url.rindex('@'):]


def clean_bare_login(url):
    """A URL parser needs no slashes after the schemes it knows, and people leave out the scheme."""
    if url.lower().startswith('mailto:'):
        return url
    text = url.lstrip().lower()
    space = len(url) - len(text)
    for scheme in ('https:', 'http:', 'wss:', 'ws:', 'ftp:', ''):
        if not text.startswith(scheme):
            continue
        start = space + len(scheme)
        if scheme and url[start:start + 1] in ('/', '\\') and not is_slashes(url, start):
            start += 1
        login, at, _ = url[start:next_of('/\\?#', url, start)].rpartition('@')
        user, _, password = login.partition(':')
        if at and password and '@' not in user:
            return url[:start] + clean_user(login) + url[start + len(login):]
    return url


def clean_logins_after_slashes(url):
    at = 0
    while at < len(url):
        if is_slashes(url, at):
            end = next_of('/\\?#', url, at + 2)
            login, mark, host = url[at + 2:end].rpartition('@')
            if mark:
                url = url[:at + 2] + clean_user(login) + mark + host + url[end:]
        at += 1
    return url


def is_slashes(url, at):
    return len(url) > at + 1 and url[at] in '/\\' and url[at + 1] in '/\\'


def clean_user(login):
    """'user:password'; with an empty password the user is the credential."""
    user, colon, password = login.partition(':')
    if colon and (not password or password in ('x-oauth-basic', 'x-access-token')):
        return HIDDEN + colon + password
    return (HIDDEN if looks_secret(user) else user) + (colon and colon + HIDDEN)


def clean_parameters(text):
    cleaned, start = [], 0
    while start < len(text):
        end = next_of('?&;#', text, start)
        name, equals, value = text[start:end].partition('=')
        if value and (is_secret_parameter(name) or (len(value) > 5 and holds_secret(value))):
            value = HIDDEN
        cleaned.append(name + equals + value + text[end:end + 1])
        start = end + 1
    return ''.join(cleaned)


def has_secret_member(text):
    """JSON as '{"token":"x"}'."""
    parts = text.split('"')
    return any(parts[at + 1].lstrip(' ').startswith(':') and is_secret_name(parts[at])
               for at in range(len(parts) - 1))


def holds_secret(value):
    """By its shape, or because it is a URL, parameters or JSON of its own, however often it is encoded."""
    if looks_secret(value):
        return True
    if not any(sign in value for sign in ('%', '=', '"', '//')):
        return False
    for _ in range(5):
        if '//' in value and '@' in value and clean_login(value) != value:
            return True
        pairs = value.replace('&', '?').replace(';', '?').replace('#', '?').split('?')
        if any(is_secret_pair(pair) for pair in pairs) or has_secret_member(value):
            return True
        outer, value = value, decoded(value)
        if outer == value:
            return False
    return False


def is_secret_pair(pair):
    names = pair.split('=')
    value = names.pop()
    return (looks_secret(pair) or looks_secret(value)
            or (value not in ('', HIDDEN) and any(is_secret_parameter(name) for name in names)))
