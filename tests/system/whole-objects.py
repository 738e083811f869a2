#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""whole-objects.py PORT SERVER CERTIFICATE KEY: stands before the radosgw on port SERVER, whose dbstore sends the wrong bytes for a part of an object. Who asks
for a part gets it out of the whole object, which rclone fetches from its remote "keep"; all else is handed through, and what the server refuses is refused."""

import functools
import http.client
import http.server
import re
import ssl
import subprocess
import sys
import urllib.parse

PORT, SERVER = int(sys.argv[1]), int(sys.argv[2])


@functools.lru_cache(maxsize=64)
def whole(path):
    return subprocess.run(["rclone", "--config", "/dev/null", "--ca-cert", sys.argv[3], "cat", f"keep:{path}"], capture_output=True, check=True).stdout


class Gate(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def hand_through(self):
        server = http.client.HTTPSConnection("127.0.0.1", SERVER, context=ssl._create_unverified_context())
        server.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
        for name, value in self.headers.items():  # signed, with the host that the client knows
            server.putheader(name, value)
        server.endheaders(self.rfile.read(int(self.headers.get("Content-Length", 0))))
        answer = server.getresponse()
        content = self.part(answer.read()) if answer.status == 206 else answer.read()
        self.send_response_only(answer.status)
        for name, value in answer.getheaders():
            if name.lower() not in ("content-length", "transfer-encoding", "connection"):
                self.send_header(name, value)
        self.send_header("Content-Length", answer.getheader("Content-Length", "0") if self.command == "HEAD" else str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        server.close()

    do_GET = do_HEAD = do_PUT = do_POST = do_DELETE = hand_through

    def part(self, sent):
        """What the client asked for; `sent` is what the server takes for it."""
        first, last = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers["Range"]).groups()
        path = urllib.parse.unquote(urllib.parse.urlsplit(self.path).path).lstrip("/")
        right = whole(path)[int(first) : int(last) + 1 if last else None]
        assert len(right) == len(sent), f"{path}: {len(sent)} bytes, not {len(right)}"
        return right

    def log_message(self, *_):
        pass


gate = http.server.ThreadingHTTPServer(("127.0.0.1", PORT), Gate)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[3], sys.argv[4])
gate.socket = context.wrap_socket(gate.socket, server_side=True)
gate.serve_forever()
