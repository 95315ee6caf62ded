"""Asks twice over a connection of a class that opens it in its own way, before the first request, as httplib2 does."""
import os
import socket

try:
    from http.client import HTTPConnection
except ImportError:
    from httplib import HTTPConnection


class Own(HTTPConnection):
    def connect(self):
        self.sock = socket.create_connection((self.host, self.port), 10)


host, port = os.environ["URL"].split("//")[1].split(":")
own = Own(host, int(port))
own.connect()
for _ in range(2):
    own.request("GET", "/get")
    own.getresponse().read()
own.close()
