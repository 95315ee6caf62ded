"""Serves a list, items and pages, and asks for them: what hangs together, then what does not."""
import json
import os
import threading

try:
    from http.server import BaseHTTPRequestHandler, HTTPServer
    from urllib.request import urlopen
except ImportError:
    from BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer
    from urllib2 import urlopen


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        name = self.path.partition("?")[0]
        body = {"/list": {"ids": ["ab-17", "cd-18"]}, "/page": {"next": "/page?cursor=Zx9"}}.get(name, {})
        data = json.dumps(body).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


server = HTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever)
thread.daemon = True
thread.start()


def get(path):
    return json.loads(urlopen("http://127.0.0.1:%d%s" % (server.server_port, path)).read().decode())


for number in get("/list")["ids"]:
    get("/item/" + number)
get(get("/page")["next"])
for number in range(3):
    get("/known?number=%d" % (number + 100))
server.shutdown()
