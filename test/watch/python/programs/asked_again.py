"""Serves an answer of 401, of 302 and of 503, and asks for each."""
import os
import threading

import requests
from requests.auth import HTTPDigestAuth

try:
    from http.server import BaseHTTPRequestHandler, HTTPServer
except ImportError:
    from BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        status, fields = 200, {}
        if self.path == "/digest" and "Authorization" not in self.headers:
            status, fields = 401, {"WWW-Authenticate": 'Digest realm="r", nonce="n", qop="auth"'}
        elif self.path == "/moved":
            status, fields = 302, {"Location": "/there"}
        elif self.path == "/later":
            status, fields = 503, {"Retry-After": "7"}
        self.send_response(status)
        for name in fields:
            self.send_header(name, fields[name])
        self.send_header("Content-Length", "0")
        self.end_headers()


server = HTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever)
thread.daemon = True
thread.start()
URL = "http://127.0.0.1:%d" % server.server_port
with requests.Session() as session:
    session.get(URL + "/digest", auth=HTTPDigestAuth("user", "pass"))
    session.get(URL + "/moved")
    session.get(URL + "/later")
