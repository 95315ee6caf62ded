# Calls of clients, with their redirects; httpcore has the rest.
# supports: httpx 0.24-0.28; httpx2 2.x

@when_imported('httpx._client', 'httpx2._client')
def hook_httpx(module):
    def called(*_, **__):
        key = call_key()
        return key, enter_call(key)

    def returned(state, response, error):
        if state is not None:
            look_at_answer(state[1], response)
            leave_call(state[0], state[1], error)
    for name in ('request', 'send'):
        wrap(module.Client, name, called, returned)
        wrap_async(module.AsyncClient, name, called, returned)
