# Connections that are kept: sessions of requests share theirs, and nothing else.

@fixes('keep-alive', 'requests.sessions')
def share_connections(module):
    shared = {}

    def mounts(session, *_, **__):
        return session

    def mounted(session, _, error):
        if error is not None:
            return
        for prefix, adapter in list(session.adapters.items()):
            if type(adapter).__module__ == 'requests.adapters':
                session.adapters[prefix] = shared.get(prefix) or shared.setdefault(prefix, kept(adapter))
        fixed('keep-alive')

    def kept(adapter):
        fresh = type(adapter)(pool_maxsize=1000)
        fresh.close = lambda: None  # a session that ends leaves them open
        return fresh
    wrap(module.Session, '__init__', mounts, mounted)
