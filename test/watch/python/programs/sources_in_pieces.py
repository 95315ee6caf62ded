"""Serves pages as chunks, or as a whole where WHOLE is given, and reads them as botocore does: piece by piece, from urllib3's pool."""
import json
import os
import threading

import urllib3

try:
    from http.server import BaseHTTPRequestHandler, HTTPServer
except ImportError:
    from BaseHTTPServer import BaseHTTPRequestHandler, HTTPServer


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        page = int(self.path.partition("=")[2] or "100")
        data = json.dumps({"filler": "x" * 50, "next": page + 1}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        if "WHOLE" in os.environ:
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
            return
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        for piece in (data[:40], data[40:], b""):
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))


server = HTTPServer(("127.0.0.1", 0), Handler)
thread = threading.Thread(target=server.serve_forever)
thread.daemon = True
thread.start()
pool = urllib3.HTTPConnectionPool("127.0.0.1", server.server_port)
url = "/pages"
for _ in range(4):
    answer = pool.urlopen("GET", url, preload_content=False, decode_content=False)
    url = "/pages?after=%d" % json.loads(b"".join(answer.stream()).decode())["next"]
