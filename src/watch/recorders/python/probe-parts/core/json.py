# Records as lines of JSON.

try:
    from _json import encode_basestring_ascii as quote
except ImportError:
    def quote(text):
        escaped = ['"']
        for letter in text:
            code = ord(letter)
            if letter in '"\\':
                escaped.append('\\' + letter)
            elif 32 <= code < 127:
                escaped.append(letter)
            elif code < 0x10000:
                escaped.append('\\u%04x' % code)
            else:
                escaped.append('\\u%04x\\u%04x' % (0xd7c0 + (code >> 10), 0xdc00 + (code & 0x3ff)))
        escaped.append('"')
        return ''.join(escaped)

if PY2:
    WHOLE, TEXT = (int, long), unicode  # noqa: F821
else:
    WHOLE, TEXT = int, str


def dumps(value):
    """The few shapes that records have; `json` would load a dozen modules into the program."""
    if value is None:
        return 'null'
    if value is True or value is False:
        return 'true' if value else 'false'
    if isinstance(value, WHOLE):
        return '%d' % value
    if isinstance(value, (str, TEXT)):
        return quote(text_of(value))
    if isinstance(value, dict):
        return '{' + ','.join('%s:%s' % (quote(key), dumps(value[key])) for key in value) + '}'
    if isinstance(value, (list, tuple)):
        return '[' + ','.join([dumps(one) for one in value]) + ']'
    if isinstance(value, float):
        return '%d' % value if value == int(value) else repr(value)
    return quote(text_of(str(value)))


def text_of(value):
    if isinstance(value, bytes):
        return value.decode('utf-8', 'replace')
    return value


def line_of(kind, pairs):
    """A record as a line; pairs keep their order, which a dict of 2.7 would not."""
    return '{"kind":"%s",%s}\n' % (kind, ','.join(['"%s":%s' % (name, dumps(value)) for name, value in pairs]))
