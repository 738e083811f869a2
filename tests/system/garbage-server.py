#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""garbage-server.py PORT: what may stand in the place of a repository's server. Below /garbage it answers with random bytes, below /endless with a sound list
that never ends, 1 MB a second. It speaks the way of the REST backend: https://restic.readthedocs.io "REST Backend"."""

import http.server
import os
import sys
import time

ENTRIES = b"".join(b'{"name":"%064x","size":155},' % number for number in range(1000))


class Garbage(http.server.BaseHTTPRequestHandler):
    def head(self, *more):
        self.send_response(200)
        for name, value in (("Content-Type", "application/vnd.x.restic.rest.v2"), *more):
            self.send_header(name, value)
        self.end_headers()

    def do_HEAD(self):
        self.head(("Content-Length", "155"))

    def do_GET(self):
        self.head()
        if not self.path.startswith("/endless"):
            self.wfile.write(os.urandom(4096))
            return
        self.wfile.write(b"[")
        while True:
            self.wfile.write(ENTRIES)
            time.sleep(0.1)

    def do_POST(self):
        self.head()

    def log_message(self, *_):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Garbage).serve_forever()
