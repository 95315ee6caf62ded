# pyOpenSSL in urllib3 ----------------------------------------------------------------------------------------------

@when_imported('urllib3.contrib.pyopenssl', 'requests.packages.urllib3.contrib.pyopenssl')
def hook_injection(module):
    def injects(*_, **__):
        environment.injected = place_of(outside())
        environment.stale = True
    wrap(module, 'inject_into_urllib3', injects)
