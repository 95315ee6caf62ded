# Requests that the program takes: each is a unit of work, and what it asks of others belongs to it.
# supports: http.server Python 3.6-3.14; gunicorn 19.x-27.x; uvicorn 0.x; aiohttp.web 3.8-3.14; Flask 1.x-3.x

def request_taken(method, path, sock=None):
    """A request that this program takes begins here; one of an event loop came when the kernel took in the last of it."""
    if not exchanges_expected:
        return None
    at = now()
    came = None if sock is None else last_data_of(sock)
    unit = Unit('served-request', at, None, None, at if came is None else max(0, min(came, at)))
    unit.method, unit.route = text_of(method), clean_url(text_of(path).partition('?')[0])
    unit.started, unit.thread = at, watch_thread().tid
    unit.used = True  # what it asks is wanted when it calls
    key = call_key()
    task = current_task()
    if task is None:
        outer = active.get(key)
        active[key] = unit
        return unit, key, outer, None
    worker = own_unit()
    if worker is None:
        worker = register(task, Unit('task', at, None, None, at))
    outer, worker.item = worker.item, unit
    return unit, key, outer, worker


def socket_of(transport):
    return None if transport is None else transport.get_extra_info('socket')


def request_done(state, *_):
    if state is None:
        return
    unit, key, outer, worker = state
    if worker is not None:
        worker.item = outer
    elif outer is None:
        active.pop(key, None)
    else:
        active[key] = outer
    unit.ends()


def routed(route):
    """The route that the request which is served here was for."""
    unit = current_unit()
    while unit is not None and unit.kind != 'served-request':
        unit = unit.made_by()
    if unit is not None and route:
        unit.route = text_of(route)


@when_imported('http.server', 'BaseHTTPServer')
def hook_http_server(module):
    handler = module.BaseHTTPRequestHandler

    def parsed(server, is_good, error):
        if is_good and error is None:
            server.__dict__['_abreast'] = request_taken(server.command, server.path)

    def handled(server, *_):
        request_done(server.__dict__.pop('_abreast', None))

    def starts(server, *_, **__):
        return server
    wrap(handler, 'parse_request', starts, parsed)
    wrap(handler, 'handle_one_request', starts, handled)


@when_imported('wsgiref.simple_server')
def hook_wsgiref(module):
    wrap(module.WSGIRequestHandler, 'handle', lambda server, *_: server,
         lambda server, *_: request_done(server.__dict__.pop('_abreast', None)))


@when_imported('gunicorn.workers.sync', 'gunicorn.workers.gthread', 'gunicorn.workers.base_async')
def hook_gunicorn(module):
    def takes(*args, **_):  # each worker has the request in another place
        request = next((one for one in args if hasattr(one, 'method') and hasattr(one, 'path')), None)
        return None if request is None else request_taken(request.method, request.path)
    for name in ('SyncWorker', 'ThreadWorker', 'AsyncWorker'):
        kind = getattr(module, name, None)
        if kind is not None and kind.__module__ == module.__name__:
            wrap(kind, 'handle_request', takes, request_done)


@when_imported('uvicorn.protocols.http.h11_impl', 'uvicorn.protocols.http.httptools_impl')
def hook_uvicorn(module):
    def takes(cycle, *_, **__):
        return cycle, request_taken(cycle.scope.get('method', ''), cycle.scope.get('path', ''), socket_of(cycle.transport))

    def done(state, *_):
        cycle, served = state
        route = getattr(cycle.scope.get('route'), 'path', None)
        if served is not None and isinstance(route, str):
            served[0].route = route
        request_done(served)
    wrap_async(module.RequestResponseCycle, 'run_asgi', takes, done)


@when_imported('starlette.routing', 'fastapi.routing')
def hook_starlette(module):
    for name in ('Route', 'APIRoute'):
        kind = getattr(module, name, None)
        if kind is not None and kind.__module__ == module.__name__:
            wrap_async(kind, 'handle', lambda route, *_, **__: routed(getattr(route, 'path', None)))


@when_imported('aiohttp.web_protocol')
def hook_aiohttp_web(module):
    def takes(handler, request, *_, **__):
        return request, request_taken(request.method, request.path, socket_of(request.transport))

    def done(state, *_):
        request, served = state
        if served is not None:
            resource = getattr(getattr(getattr(request, '_match_info', None), 'route', None), 'resource', None)
            served[0].route = getattr(resource, 'canonical', None) or served[0].route
        request_done(served)
    wrap_async(module.RequestHandler, '_handle_request', takes, done)


@when_imported('flask.app')
def hook_flask(module):
    def dispatches(*_, **__):
        flask = sys.modules.get('flask')
        rule = getattr(getattr(flask, 'request', None), 'url_rule', None)
        routed(getattr(rule, 'rule', None))
    wrap(module.Flask, 'dispatch_request', dispatches)


@when_imported('django.core.handlers.base')
def hook_django(module):
    wrap(module.BaseHandler, 'resolve_request', None, lambda _, match, error: routed(getattr(match, 'route', None)))
