"""N GETs of URL by eventlet, everything patched."""
import eventlet

eventlet.monkey_patch()
import os
from urllib.request import urlopen

URL, N = os.environ["URL"], int(os.environ["N"])


def get(url):
    return len(urlopen(url).read()) > 0


print(sum(eventlet.GreenPool(N).imap(get, [URL] * N)), "of", N)
