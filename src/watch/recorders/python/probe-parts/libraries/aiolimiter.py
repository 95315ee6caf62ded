# Rates.
# supports: aiolimiter 1.x

@when_imported('aiolimiter.leakybucket')
def hook_aiolimiter(module):
    remember_size(module.AsyncLimiter, 'rate', 'aiolimiter.AsyncLimiter max_rate', 'max_rate', None)
    wrap_async(module.AsyncLimiter, 'acquire', lambda limiter, *_, **__: wants(limiter, 'rate'), is_got)
