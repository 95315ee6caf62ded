# Values that are credentials by their shape, whatever they are called.

TOKEN_LETTERS = {'word': WORD, 'word-': WORD + '-', 'word.-': WORD + '.-', 'capital': UPPER + DIGITS}
KNOWN_TOKENS = [(begin, TOKEN_LETTERS[letters], least) for begin, letters, least in SECRET_TOKENS]
KNOWN_TOKENS.append(('eyJ', WORD + '.-', 14))  # a JWT


def looks_secret(value):
    """Whether a value looks like a credential by itself: long, and of the mix that chance makes. UUIDs are ids."""
    if len(value) < 16:
        return False
    if hide_known(value) != value:
        return True
    if len(value) >= 32 and consists_of(value, HEX_DIGITS):
        return has_any(value, DIGITS) and not consists_of(value, DIGITS)
    return (len(value) >= 24 and consists_of(value.rstrip('='), WORD + '+/.~-')
            and has_any(value, LOWER) and has_any(value, UPPER)
            and sum(letter in DIGITS for letter in value) >= 2
            and not is_uuid(value))


def is_uuid(value):
    parts = value.split('-')
    return [len(part) for part in parts] == [8, 4, 4, 4, 12] and consists_of(''.join(parts), HEX_DIGITS)


def hide_known(text):
    for begin, letters, least in KNOWN_TOKENS:
        at = text.find(begin)
        while at >= 0:
            end = at + len(begin)
            while end < len(text) and text[end] in letters:
                end += 1
            token = text[at:end]
            if (len(token) - len(begin) >= least and not (at and text[at - 1] in WORD[:-1])
                    and (begin != 'eyJ' or is_jwt(token))):
                text = text[:at] + HIDDEN + text[end:]
            at = text.find(begin, at + 1)
    return text


def is_jwt(token):
    parts = token.split('.')
    return len(parts) >= 3 and len(parts[0]) >= 9 and len(parts[1]) >= 6


def consists_of(text, letters):
    return text != '' and not text.strip(letters) and all(letter in letters for letter in text)


def has_any(text, letters):
    return any(letter in letters for letter in text)
