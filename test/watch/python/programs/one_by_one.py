"""N GETs of PATH from HOST, one after another on one connection."""
import os

try:
    from http.client import HTTPConnection
except ImportError:
    from httplib import HTTPConnection

HOST, PATH, N = os.environ["HOST"], os.environ["TARGET"], int(os.environ["N"])
connection = HTTPConnection(HOST)
ok = 0
for _ in range(N):
    connection.request("GET", PATH)
    response = connection.getresponse()
    response.read()
    ok += response.status == 200
print("%d of %d" % (ok, N))
