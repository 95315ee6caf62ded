"""requests in as many threads as there are slots, one session each."""

import threading
from concurrent.futures import ThreadPoolExecutor

import requests
import urllib3

from job import concurrency, finish, keep, keep_error, urls

urllib3.disable_warnings()
own = threading.local()


def get(index, url):
    if not hasattr(own, "session"):
        own.session = requests.Session()
        own.session.verify = False
    try:
        response = own.session.get(url)
        keep(index, response.status_code, response.text, len(response.content))
    except Exception as error:
        keep_error(index, error)


with ThreadPoolExecutor(concurrency) as pool:
    for index, url in enumerate(urls):
        pool.submit(get, index, url)
finish()
