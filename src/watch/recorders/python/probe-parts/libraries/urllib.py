# Calls of openers, with their redirects.
# supports: urllib.request Python 3.6-3.14; urllib2 Python 2.7

@when_imported('urllib.request', 'urllib2')
def hook_urllib(module):
    def called(opener, request, *_, **__):
        key = here()
        call = enter_call(key)
        if call is not None and hasattr(request, 'get_method'):
            call.target = target_of(request.get_method(), request.get_full_url())
        elif call is not None:
            call.target = target_of('GET', request)
        return key, call

    def returned(state, _, error):
        if state is not None:
            leave_call(state[0], state[1], error if not hasattr(error, 'code') else None)
    wrap(module.OpenerDirector, 'open', called, returned)
