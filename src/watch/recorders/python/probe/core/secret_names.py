# Names whose values are credentials.
#
# The rules of src/trace/secrets, in Python; test/trace/secrets/examples.ts holds both to the same answers. `re` is not
# used: to import it here could wait for the import lock of a program that imports what makes its requests.

HIDDEN = '***'
SECRET_ANYWHERE = ('authorization', 'secret', 'passw', 'passphrase', 'passcode', 'jwt', 'bearer', 'cookie', 'csrf',
                   'xsrf')
SECRET_AT_THE_END = (
    'token', 'tokenhint', 'signature', 'hmac', 'credential', 'credentials', 'assertion', 'nonce',
    'pwd', 'userpw', 'sessionid', 'sessid', 'authhash', 'authticket', 'codeverifier', 'oauthverifier',
    'authcode', 'accesscode', 'devicecode', 'securitycode', 'verificationcode',
    'apikey', 'accesskey', 'privatekey', 'signingkey', 'sessionkey', 'encryptionkey', 'accountkey', 'authkey',
    'masterkey', 'sharedkey', 'subscriptionkey', 'functionkey', 'functionskey', 'consumerkey', 'clientkey',
    'appkey', 'applicationkey', 'adminkey', 'serverkey', 'servicekey', 'writekey', 'streamkey', 'licensekey',
    'developerkey', 'deploykey', 'passkey', 'apikeyid', 'accesskeyid', 'privatekeyid', 'keypairid')
SECRET_WHOLE = ('pass', 'userpass', 'dbpass', 'pw', 'psk', 'sig', 'sid', 'otp', 'totp', 'session', 'auth', 'xauth',
                'httpauth', 'proxyauth', 'basicauth', 'bearerauth', 'oauth', 'authentication')
SECRET_WHOLE_IN_URLS = ('key', 'code', 'ticket', 'googleaccessid', 'pgtid', 'pgtiou', 'samlresponse', 'samlart',
                        'relaystate', 'wresult')
LOWER, UPPER, DIGITS = 'abcdefghijklmnopqrstuvwxyz', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ', '0123456789'
HEX_DIGITS = DIGITS + 'abcdefABCDEF'
WORD = LOWER + UPPER + DIGITS + '_'
# How a token begins, what follows, and how much of that at least.
KNOWN_TOKENS = (
    [('gh%s_' % kind, WORD, 16) for kind in 'pousr'] +
    [('xox%s-' % kind, WORD + '-', 8) for kind in 'abeoprs'] +
    [(begin, WORD, 8) for begin in ('sk_live_', 'sk_test_', 'rk_live_', 'rk_test_')] +
    [('github_pat_', WORD, 16), ('glpat-', WORD + '-', 16), ('sk-', WORD + '-', 16), ('AKIA', UPPER + DIGITS, 12),
     ('ASIA', UPPER + DIGITS, 12), ('AIza', WORD + '-', 30), ('ya29.', WORD + '.-', 16), ('npm_', WORD, 30),
     ('pypi-', WORD + '-', 16), ('hf_', WORD, 20), ('dop_v1_', WORD, 16), ('eyJ', WORD + '.-', 14)])


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
