# Calls of sessions, with their redirects, and the size of an adapter's pool.
# supports: requests 2.x

@when_imported('requests.sessions')
def hook_requests(module):
    def called(session, method, url, *_, **__):
        key = here()
        call = enter_call(key)
        if call is not None:
            call.target = target_of(method, url)
        return key, call

    def sends(session, request, *_, **__):
        return called(session, request.method, request.url)

    def returned(state, _, error):
        if state is not None:
            leave_call(state[0], state[1], error)
    wrap(module.Session, 'request', called, returned)
    wrap(module.Session, 'send', sends, returned)


@when_imported('requests.adapters')
def hook_requests_adapters(module):
    def made(adapter, *_, **__):
        return adapter, users_line(outside())

    def sized(state, _, error):
        adapter, line = state
        if error is None:
            blocks = bool(adapter._pool_block)
            remember_limit('connections', 'requests HTTPAdapter pool_maxsize', adapter._pool_maxsize, line, blocks)
    wrap(module.HTTPAdapter, '__init__', made, sized)
