# httpcore tells an asynchronous request's events to a coroutine.

class AsyncHttpcoreEvents(HttpcoreEvents):
    async def __call__(self, name, info):
        self.event(name, info)
        if self.users is not None:
            await self.users(name, info)
