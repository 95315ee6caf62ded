# How long a connection waits for its name.
# supports: socket.getaddrinfo Python 2.7, 3.6-3.14

connecting_here = {}  # here() -> Route that is being opened


def wrap_lookup(owner, name='getaddrinfo'):
    def began(*_, **__):
        return now()

    def ended(began, *_):
        route = connecting_here.get(here())
        if route is not None:
            route.dns_from = began if route.dns_from is None else route.dns_from
            route.dns_to = now()
    wrap(owner, name, began, ended)


@when_imported('socket')
def hook_socket(module):
    wrap_lookup(module)
