import grequests  # first: it patches the standard library
import requests
import urllib3

from job import concurrency, finish, keep, keep_error, urls

urllib3.disable_warnings()
session = requests.Session()
session.mount("https://", requests.adapters.HTTPAdapter(pool_connections=concurrency, pool_maxsize=concurrency))


def unsent(indexes):
    for index in indexes:
        yield grequests.AsyncRequest("GET", urls[index], session=session, verify=False)


def on_error(request, error):
    keep_error(int(request.url.rsplit("=", 1)[1]), error)


for response in grequests.imap(unsent(range(len(urls))), size=concurrency, exception_handler=on_error):
    index = int(response.request.url.rsplit("=", 1)[1])
    keep(index, response.status_code, response.text, len(response.content))
finish()
