"""A redirect, an answer of 404, a retried 503 and a port where nobody listens."""
import os

import requests
from requests.adapters import HTTPAdapter
from urllib3.util import Retry

URL, CLOSED = os.environ["URL"], os.environ["CLOSED"]
session = requests.Session()
session.mount("http://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[503], backoff_factor=0)))
session.get(URL + "/redirect/1")
session.get(URL + "/status/404")
for target in (URL + "/status/503", CLOSED):
    try:
        session.get(target)
    except requests.RequestException:
        pass
