# Requests wait in Scrapy's queue; Twisted sends them.
# supports: Scrapy 2.11-2.19

@when_imported('scrapy.core.engine')
def hook_scrapy_engine(module):
    def scheduled(engine, request, *_, **__):
        register(request, hand_over('queue-item'))
    wrap(module.ExecutionEngine, '_schedule_request', scheduled)


@when_imported('scrapy.core.downloader')
def hook_scrapy_downloader(module):
    def queued(downloader, request, *_, **__):
        if unit_of(request) is None:
            register(request, hand_over('queue-item'))

    def downloads(downloader, slot, request, *_, **__):
        unit = unit_of(request)
        return None if unit is None else begin_item(unit)

    def made(downloader, crawler, *_, **__):
        return downloader, crawler.settings

    def sized(state, _, error):
        downloader, settings = state
        for name in ('CONCURRENT_REQUESTS', 'CONCURRENT_REQUESTS_PER_DOMAIN', 'CONCURRENT_REQUESTS_PER_IP'):
            if settings.getint(name):
                set_by = 'Scrapy default' if settings.getpriority(name) == 0 else 'the program\'s settings'
                kind = 'connections' if name == 'CONCURRENT_REQUESTS' else 'connections-per-host'
                remember_limit(kind, 'Scrapy ' + name, settings.getint(name), set_by)
    wrap(module.Downloader, '_enqueue_request', queued)
    # Since 2.14 it is a coroutine, which runs in a task of its own.
    wrap_either(module.Downloader, '_download', downloads, lambda state, *_: end_item(state))
    wrap(module.Downloader, '__init__', made, sized)
