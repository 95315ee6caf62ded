# Calls of sessions, with their redirects, and the size of an adapter's pool.
# supports: requests 2.x; niquests 3.x

@when_imported('requests.sessions', 'niquests.sessions')
def hook_requests(module):
    wrap_session(module.Session, wrap, here)


@when_imported('niquests.async_session')
def hook_niquests_async(module):
    wrap_session(module.AsyncSession, wrap_async, call_key)


def wrap_session(kind, wrap_step, key_here):
    def called(session, method, url, *_, **__):
        key = key_here()
        call = enter_call(key)
        if call is not None:
            call.target = target_of(method, url)
        return key, call

    def sends(session, request, *_, **__):
        return called(session, request.method, request.url)

    def returned(state, response, error):
        if state is not None:
            look_at_answer(state[1], response)
            leave_call(state[0], state[1], error)
    wrap_step(kind, 'request', called, returned)
    wrap_step(kind, 'send', sends, returned)


@when_imported('requests.adapters', 'niquests.adapters')
def hook_requests_adapters(module):
    def made(adapter, *_, **__):
        return adapter, users_line(outside())

    def sized(state, _, error):
        adapter, line = state
        if error is None:
            blocks = bool(adapter._pool_block)
            name = '%s HTTPAdapter pool_maxsize' % module.__name__.partition('.')[0]
            remember_limit('connections', name, adapter._pool_maxsize, line, blocks)
    wrap(module.HTTPAdapter, '__init__', made, sized)


def look_at_answer(call, response):
    """At the body that a call returns, if it was read."""
    body = None if call is None or response is None else response.__dict__.get('_content')
    if isinstance(body, bytes) and call.last is not None:
        look_at(call.last, response.headers, body)
