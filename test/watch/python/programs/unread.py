"""N GETs of URL, whose bodies nobody reads: closed after the status, then kept, then dropped."""
import os

try:
    from urllib.request import urlopen
except ImportError:
    from urllib2 import urlopen

URL, N = os.environ["URL"], int(os.environ["N"])
for _ in range(N):
    urlopen(URL).close()
kept = [urlopen(URL) for _ in range(N)]
for _ in range(N):
    urlopen(URL)
