"""Serves pages that name the next one, and follows them with tornado."""
import asyncio
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

from tornado.httpclient import AsyncHTTPClient

NEXT = {"/page/first": "kiwi", "/page/kiwi": "plum", "/page/plum": ""}


class Handler(BaseHTTPRequestHandler):
    def log_message(self, *_):
        pass

    def do_GET(self):
        body = ('{"next": "%s"}' % NEXT[self.path]).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


async def follow(base):
    name = "first"
    while name:
        answer = await AsyncHTTPClient().fetch("%s/page/%s" % (base, name))
        name = answer.body.decode().split('"')[3]


server = HTTPServer(("127.0.0.1", 0), Handler)
threading.Thread(target=server.serve_forever, daemon=True).start()
asyncio.run(follow("http://127.0.0.1:%d" % server.server_port))
