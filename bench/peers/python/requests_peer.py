"""requests in as many threads as there are slots, one session each."""

import threading
from concurrent.futures import ThreadPoolExecutor

import requests
import urllib3

from job import concurrency, finish, keep, keep_error, urls

urllib3.disable_warnings()
own = threading.local()
writing = threading.Lock()  # text files of Python lose lines when threads write at once


def get(index, url):
    if not hasattr(own, "session"):
        own.session = requests.Session()
        own.session.verify = False
    try:
        response = own.session.get(url)
        body, size = response.text, len(response.content)
        with writing:
            keep(index, response.status_code, body, size)
    except Exception as error:
        with writing:
            keep_error(index, error)


with ThreadPoolExecutor(concurrency) as pool:
    for index, url in enumerate(urls):
        pool.submit(get, index, url)
finish()
