# pyOpenSSL stays out of urllib3: who puts it there finds a function that does nothing.

@fixes('no-pyopenssl', 'urllib3.contrib.pyopenssl', 'requests.packages.urllib3.contrib.pyopenssl')
def keep_pyopenssl_out(module):
    def inject_into_urllib3():
        fixed('no-pyopenssl')
    _install(module, 'inject_into_urllib3', module.inject_into_urllib3, inject_into_urllib3)
