# Names whose values are credentials.
#
# As src/trace/secrets, in Python; test/trace/secrets/examples.ts holds both to the same answers. `re` is not used: to
# import it here could wait for the import lock of a program that imports what makes its requests.

HIDDEN = '***'
LOWER, UPPER, DIGITS = 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789'
HEX_DIGITS = DIGITS + 'abcdefABCDEF'
WORD = LOWER + UPPER + DIGITS + '_'


known_names = {}  # a run has few different names


def is_secret_parameter(name):
    secret = known_names.get(name)
    if secret is None:
        word = word_of(decoded(name))
        secret = is_secret_word(word) or word in SECRET_WHOLE_IN_URLS
        if len(known_names) < 1000:
            known_names[name] = secret
    return secret


def is_secret_name(name):
    return is_secret_word(word_of(name))


def is_secret_variable(name):
    return is_secret_name(name) or name.lower().endswith('_key')


def is_secret_word(word):
    word = word.rstrip(DIGITS)  # 'token2', 'token[0]'
    return (word.endswith(SECRET_AT_THE_END) or word in SECRET_WHOLE
            or any(part in word for part in SECRET_ANYWHERE))


def word_of(name):
    return ''.join([letter for letter in name.lower() if letter in LOWER or letter in DIGITS])
