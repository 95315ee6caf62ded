# Which names and which tokens are credentials. Made of src/trace/secrets/rules.ts by scripts/secret-rules.ts.

module AbreastProbe
  SECRET_ANYWHERE = [
    'authorization|secret|passw|passphrase|passcode|jwt|bearer|cookie|csrf|xsrf',
  ].join('|')
  SECRET_AT_THE_END = [
    'token|tokenhint|signature|hmac|credential|credentials|assertion|nonce|pwd|userpw|sessionid|sessid',
    'authhash|authticket|codeverifier|oauthverifier|authcode|accesscode|devicecode|securitycode',
    'verificationcode|apikey|accesskey|privatekey|signingkey|sessionkey|encryptionkey|accountkey|authkey',
    'masterkey|sharedkey|subscriptionkey|functionkey|functionskey|consumerkey|clientkey|appkey|applicationkey',
    'adminkey|serverkey|servicekey|writekey|streamkey|licensekey|developerkey|deploykey|passkey|apikeyid',
    'accesskeyid|privatekeyid|keypairid',
  ].join('|')
  SECRET_WHOLE = [
    'pass|userpass|dbpass|pw|psk|sig|sid|otp|totp|session|auth|xauth|httpauth|proxyauth|basicauth|bearerauth',
    'oauth|authentication',
  ].join('|')
  SECRET_WHOLE_IN_URLS = [
    'key|code|ticket|googleaccessid|pgtid|pgtiou|samlresponse|samlart|relaystate|wresult',
  ].join('|')
  SECRET_TOKENS = [
    '(?:ghp_|gho_|ghu_|ghs_|ghr_|github_pat_)\\w{16,}|(?:glpat-)[\\w-]{16,}',
    '(?:xoxa-|xoxb-|xoxe-|xoxo-|xoxp-|xoxr-|xoxs-)[\\w-]{8,}|(?:sk_live_|sk_test_|rk_live_|rk_test_)\\w{8,}',
    '(?:sk-)[\\w-]{16,}|(?:AKIA|ASIA)[A-Z0-9]{12,}|(?:AIza)[\\w-]{30,}|(?:ya29\\.)[\\w.-]{16,}|(?:npm_)\\w{30,}',
    '(?:pypi-)[\\w-]{16,}|(?:hf_)\\w{20,}|(?:dop_v1_)\\w{16,}',
  ].join('|')
end
