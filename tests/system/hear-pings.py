#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""hear-pings.py PORT DIRECTORY: a server of the healthchecks kind. Each ping is a file in DIRECTORY, in the order of their ends: "POST PATH", an empty line, and its body.

Below /refused it answers 404. While there is a file DIRECTORY/hold it has heard a ping, and does not answer.
"""
import http.server, os, sys, threading, time

port, directory = int(sys.argv[1]), sys.argv[2]
lock, count = threading.Lock(), 0


class Server(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        global count
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        with lock:
            count += 1
            name = f"{directory}/{count:03}.ping"
            with open(name + ".new", "w") as file:
                file.write(f"POST {self.path}\n\n{body}")
            os.rename(name + ".new", name)
        while os.path.exists(f"{directory}/hold"):
            time.sleep(0.05)
        self.send_response(404 if self.path.startswith("/refused") else 200)
        self.end_headers()
        self.wfile.write(b"OK")

    def log_message(self, *arguments):
        pass


http.server.ThreadingHTTPServer(("127.0.0.1", port), Server).serve_forever()
