"""The standard library's http.client in as many threads as there are slots, one connection each."""

import http.client
import ssl
import threading
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlsplit

from job import concurrency, finish, keep, keep_error, urls

own = threading.local()
writing = threading.Lock()  # text files of Python lose lines when threads write at once
context = ssl._create_unverified_context()


def get(index, url):
    parts = urlsplit(url)
    if not hasattr(own, "connection"):
        own.connection = http.client.HTTPSConnection(parts.netloc, context=context)
    try:
        own.connection.request("GET", f"{parts.path}?{parts.query}")
        response = own.connection.getresponse()
        body = response.read()
        with writing:
            keep(index, response.status, body.decode(), len(body))
    except Exception as error:
        own.connection.close()
        with writing:
            keep_error(index, error)


with ThreadPoolExecutor(concurrency) as pool:
    for index, url in enumerate(urls):
        pool.submit(get, index, url)
finish()
