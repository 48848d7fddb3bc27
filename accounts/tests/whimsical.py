"""A WeChat that answers whatever a test wants."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from accounts import wechat

APP = wechat.App("appid", "secret-of-the-app")


class WhimsicalWeChat(ThreadingHTTPServer):
    """A server that sends `answer` (status, type, body), or hangs up where it is None, and keeps what it was asked."""

    daemon_threads = True
    answer: tuple[int, str, bytes] | None = None

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.paths = []
        self.bodies = []
        self.go_on = threading.Event()
        self.go_on.set()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        self.server.bodies.append(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        self.server.paths.append(self.path)
        self.server.go_on.wait()
        if self.server.answer is None:
            self.close_connection = True
            return
        status, content_type, body = self.server.answer
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_GET

    def log_message(self, *args):
        pass


def says(content, content_type="text/plain"):
    return (200, content_type, json.dumps(content).encode())
