# Calls and connections, by the times that libcurl tells at the end; redirects that libcurl follows are one exchange with it.
# supports: pycurl 7.x

PYCURL_LIMITS = (('M_MAX_HOST_CONNECTIONS', 'connections-per-host'), ('M_MAX_TOTAL_CONNECTIONS', 'connections'))


@when_imported('pycurl')
def hook_pycurl(module):
    """Its classes are of C: ones that inherit from them take their place."""
    expect_exchanges()

    def ends(curl, error=None):
        try:
            code = error.args[0] if isinstance(error, module.error) and error.args else error
            name = 'curl error %d' % code if isinstance(code, WHOLE) else error and error_name(error)
            curl_ends(curl, lambda name: pycurl_info(curl, module, name), name, is_late=True)
        except Exception as trouble:
            trace.trouble('pycurl', trouble)

    class Curl(module.Curl):
        def setopt(self, option, value):
            if option == module.URL:
                self.__dict__['_abreast_url'] = text_of(value)
            elif option == module.CUSTOMREQUEST:
                self.__dict__['_abreast_method'] = text_of(value)
            return super(Curl, self).setopt(option, value)

        def perform(self):
            return performed(self, super(Curl, self).perform)

        def perform_rb(self):
            return performed(self, super(Curl, self).perform_rb)

        def perform_rs(self):
            return performed(self, super(Curl, self).perform_rs)

    def performed(curl, perform):
        pycurl_begins(curl)
        try:
            result = perform()
        except BaseException as error:
            ends(curl, error)
            leave_no_frame(error)
            raise
        ends(curl)
        return result

    class CurlMulti(module.CurlMulti):
        def setopt(self, option, value):
            for name, kind in PYCURL_LIMITS:
                if option == getattr(module, name, None):
                    remember_limit(kind, 'pycurl ' + name, value or None, users_line(outside()))
            return super(CurlMulti, self).setopt(option, value)

        def add_handle(self, curl):
            result = super(CurlMulti, self).add_handle(curl)
            pycurl_begins(curl)
            self.__dict__.setdefault('_abreast', {})[id(curl)] = curl
            return result

        def perform(self):
            return self._abreast_ran(super(CurlMulti, self).perform())

        def socket_action(self, *which):
            return self._abreast_ran(super(CurlMulti, self).socket_action(*which))

        def _abreast_ran(self, result):
            if result[1] == 0:  # all are done, and the program need not ask which
                for curl in self.__dict__.pop('_abreast', {}).values():
                    ends(curl)
            return result

        def remove_handle(self, curl):
            ends(curl)
            self.__dict__.get('_abreast', {}).pop(id(curl), None)
            return super(CurlMulti, self).remove_handle(curl)

        def info_read(self, *count):
            result = super(CurlMulti, self).info_read(*count)
            for curl in result[1]:
                ends(curl)
            for curl, code, _ in result[2]:
                ends(curl, code)
            return result
    for kind in (Curl, CurlMulti):
        kind.__module__ = 'pycurl'
        kind.__qualname__ = kind.__name__
        setattr(module, kind.__name__, kind)


def pycurl_info(curl, module, name):
    """By libcurl's name; times in microseconds."""
    if name.endswith('_TIME_T'):
        return int(curl.getinfo(getattr(module, name[:-2])) * 1000000)
    value = getattr(module, 'INFO_' + name if name == 'HTTP_VERSION' else name, None)
    return 0 if value is None else curl.getinfo(value)


def pycurl_begins(curl):
    try:
        curl_begins(curl, call_key())
    except Exception as error:
        trace.trouble('pycurl', error)
