# Calls and connections, by the times that libcurl tells at the end; redirects that libcurl follows are one exchange with it.
# supports: curl_cffi 0.13-0.17

@when_imported('curl_cffi.curl')
def hook_curl_cffi(module):
    expect_exchanges()

    def option_set(curl, option, value):
        if option == module.CurlOpt.URL:
            curl.__dict__['_abreast_url'] = text_of(value)
        elif option == module.CurlOpt.CUSTOMREQUEST:
            curl.__dict__['_abreast_method'] = text_of(value)

    def performs(curl, *_, **__):
        curl_begins(curl, here())
        return curl

    def performed(curl, _, error):
        curl_cffi_ends(curl, error)
    wrap(module.Curl, 'setopt', option_set)
    wrap(module.Curl, 'perform', performs, performed)


@when_imported('curl_cffi.aio')
def hook_curl_cffi_async(module):
    def added(multi, curl):
        curl_begins(curl, id(current_task()))

    def succeeded(multi, curl):
        curl_cffi_ends(curl)

    def failed(multi, curl, error):
        curl_cffi_ends(curl, error)

    def removed(multi, curl):
        finish(curl.__dict__.pop('_abreast', None), 'CancelledError')
    wrap(module.AsyncCurl, 'add_handle', added)
    wrap(module.AsyncCurl, 'set_result', succeeded)
    wrap(module.AsyncCurl, 'set_exception', failed)
    wrap(module.AsyncCurl, 'remove_handle', removed)


@when_imported('curl_cffi.requests.session')
def hook_curl_cffi_session(module):
    def called(session, method, url, *_, **__):
        key = call_key()
        call = enter_call(key)
        if call is not None:
            call.target = target_of(method, url)
        return key, call

    def returned(state, response, error):
        if state is not None:
            if state[1] is not None and state[1].last is not None and error is None:
                look_at(state[1].last, response.headers, response.content)
            leave_call(state[0], state[1], error)

    def waits_for_handle(session):
        unit = current_unit()
        return unit, unit is not None and unit.used, wants(session, 'connection-pool', session.max_clients)

    def got_handle(state, *_):
        # The session keeps its handles in an asyncio.Queue. A task that takes one is no worker of that queue.
        unit, used, waiting = state
        is_got(waiting, None, None)
        if unit is not None:
            unit.used = used

    def made(session, *_, **__):
        new_resource(session, 'connection-pool', class_name(type(session)), None)
        return session, users_line(outside())

    def sized(state, _, error):
        if state is not None and error is None:
            session, line = state
            remember_limit('connections', 'curl_cffi AsyncSession max_clients', session.max_clients, line)
            resource_of(session, 'connection-pool').capacity = whole(session.max_clients)
    wrap(module.Session, 'request', called, returned)
    wrap_async(module.AsyncSession, 'request', called, returned)
    wrap_async(module.AsyncSession, 'pop_curl', waits_for_handle, got_handle)
    wrap(module.AsyncSession, '__init__', made, sized)


def curl_cffi_ends(curl, error=None):
    const = sys.modules['curl_cffi.const']

    def told(name):
        return curl.getinfo(getattr(const.CurlInfo, name))
    code = getattr(error, 'code', 0)
    curl_ends(curl, told, const.CurlECode(code).name if code else error and error_name(error))
