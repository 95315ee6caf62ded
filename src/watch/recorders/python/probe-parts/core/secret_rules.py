# Which names and which tokens are credentials. Made of src/trace/secrets/rules.ts by scripts/secret-rules.ts.

SECRET_ANYWHERE = (
    'authorization', 'secret', 'passw', 'passphrase', 'passcode', 'jwt', 'bearer', 'cookie', 'csrf', 'xsrf',
)
SECRET_AT_THE_END = (
    'token', 'tokenhint', 'signature', 'hmac', 'credential', 'credentials', 'assertion', 'nonce', 'pwd',
    'userpw', 'sessionid', 'sessid', 'authhash', 'authticket', 'codeverifier', 'oauthverifier', 'authcode',
    'accesscode', 'devicecode', 'securitycode', 'verificationcode', 'apikey', 'accesskey', 'privatekey',
    'signingkey', 'sessionkey', 'encryptionkey', 'accountkey', 'authkey', 'masterkey', 'sharedkey',
    'subscriptionkey', 'functionkey', 'functionskey', 'consumerkey', 'clientkey', 'appkey', 'applicationkey',
    'adminkey', 'serverkey', 'servicekey', 'writekey', 'streamkey', 'licensekey', 'developerkey', 'deploykey',
    'passkey', 'apikeyid', 'accesskeyid', 'privatekeyid', 'keypairid',
)
SECRET_WHOLE = (
    'pass', 'userpass', 'dbpass', 'pw', 'psk', 'sig', 'sid', 'otp', 'totp', 'session', 'auth', 'xauth',
    'httpauth', 'proxyauth', 'basicauth', 'bearerauth', 'oauth', 'authentication',
)
SECRET_WHOLE_IN_URLS = (
    'key', 'code', 'ticket', 'googleaccessid', 'pgtid', 'pgtiou', 'samlresponse', 'samlart', 'relaystate',
    'wresult',
)
SECRET_TOKENS = (
    ('ghp_', 'word', 16), ('gho_', 'word', 16), ('ghu_', 'word', 16), ('ghs_', 'word', 16),
    ('ghr_', 'word', 16), ('github_pat_', 'word', 16), ('glpat-', 'word-', 16), ('xoxa-', 'word-', 8),
    ('xoxb-', 'word-', 8), ('xoxe-', 'word-', 8), ('xoxo-', 'word-', 8), ('xoxp-', 'word-', 8),
    ('xoxr-', 'word-', 8), ('xoxs-', 'word-', 8), ('sk_live_', 'word', 8), ('sk_test_', 'word', 8),
    ('rk_live_', 'word', 8), ('rk_test_', 'word', 8), ('sk-', 'word-', 16), ('AKIA', 'capital', 12),
    ('ASIA', 'capital', 12), ('AIza', 'word-', 30), ('ya29.', 'word.-', 16), ('npm_', 'word', 30),
    ('pypi-', 'word-', 16), ('hf_', 'word', 20), ('dop_v1_', 'word', 16),
)
