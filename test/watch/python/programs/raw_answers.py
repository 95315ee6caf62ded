"""A GET over a socket of a class of its own, whose answer comes with an interim answer ahead of it."""
import socket
import threading

listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(1)


def serve():
    peer, _ = listener.accept()
    peer.recv(4096)
    peer.sendall(b"HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")


class Socket(socket.socket):
    pass


server = threading.Thread(target=serve)
server.start()
wire = Socket()
wire.connect(listener.getsockname())
wire.sendall(b"GET /hints HTTP/1.1\r\nHost: example.com\r\n\r\n")
server.join()
wire.recv(4096)
