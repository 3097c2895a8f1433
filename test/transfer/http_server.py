#!/usr/bin/env python3
"""A file server with faults, for the tests of download(), `data fetch` and --weights.

    http_server.py --root DIR [--port-file FILE]

listens on 127.0.0.1, prints its port as one line on standard output (and, when asked, writes it to FILE
once it serves), and serves the files below DIR until it is killed. Standard library only.

/FILE is served with ranges, If-Range, a strong ETag and Last-Modified. Faults stand before the file's
name and may be stacked, the outermost first: /redirect/2/cut/1000/photos.zip. N counts requests for that
same path since the server started.

    /cut/BYTES/FILE          the first response ends after BYTES of its body, the connection is closed
    /cut-always/BYTES/FILE   so does every response
    /changed/BYTES/FILE      as cut; from the second request on the file is another one, with another ETag
    /changed-silently/BYTES/FILE   the same, by a server that serves the range though If-Range fails
    /stall/BYTES/FILE        after BYTES of its body the response stays open and silent
    /slow/MILLISECONDS/FILE  a pause before each tenth of the body
    /no-range/FILE           neither ranges nor validators
    /wrong-range/FILE        answers 206, but from another offset than was asked for
    /no-length/FILE          no Content-Length: the body ends when the connection does
    /redirect/N/FILE         N redirects, then the file
    /redirect-loop/FILE      redirects to itself
    /redirect-to/URL         redirects to the quoted URL, of whatever scheme
    /status/CODE/FILE        answers CODE, always
    /status-once/CODE/FILE   answers CODE to the first request, serves the file from then on
    /log                     what was asked so far, a JSON array of {"path", "range", "if_range", "status"}
"""
import argparse
import email.utils
import hashlib
import http.server
import json
import os
import re
import socket
import sys
import threading
import time
import urllib.parse

PIECE = 1 << 16


class Plan:
    """What one response does, gathered from the words before the file's name."""

    def __init__(self):
        self.cut = self.stall = self.redirect = self.status = None
        self.pause = 0.0
        self.changed = self.ignore_if_range = False
        self.ranges = self.length = True
        self.range_shift = 0


def plan_of(words, seen):
    """Takes the fault words off `words`. `seen` is the number of earlier requests for the path."""
    plan = Plan()
    prefix = []
    while len(words) > 1:
        word = words[0]
        first = seen == 0
        if word in ("cut", "cut-always", "changed", "changed-silently"):
            if first or word == "cut-always":
                plan.cut = int(words[1])
            plan.changed = word.startswith("changed") and not first
            plan.ignore_if_range = word == "changed-silently"
            taken = 2
        elif word == "stall":
            plan.stall, taken = int(words[1]), 2
        elif word == "slow":
            plan.pause, taken = int(words[1]) / 1000, 2
        elif word == "no-range":
            plan.ranges, taken = False, 1
        elif word == "wrong-range":
            plan.range_shift, taken = 1, 1
        elif word == "no-length":
            plan.length, taken = False, 1
        elif word == "redirect":
            left = int(words[1])
            rest = words[2:]
            plan.redirect = "/".join(prefix + (["redirect", str(left - 1)] if left > 1 else []) + rest)
            break
        elif word == "redirect-loop":
            plan.redirect = "/".join(prefix + words)
            break
        elif word == "redirect-to":
            plan.redirect = urllib.parse.unquote("/".join(words[1:]))
            break
        elif word in ("status", "status-once"):
            if first or word == "status":
                plan.status = int(words[1])
            taken = 2
        else:
            break
        prefix += words[:taken]
        del words[:taken]
    return plan


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self, root):
        super().__init__(("127.0.0.1", 0), Handler)
        self.root = root
        self.seen = {}
        self.log = []
        self.guard = threading.Lock()

    def handle_error(self, request, client_address):
        """A client that hangs up is part of the tests."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        path = self.path.split("?")[0]
        with self.server.guard:
            seen = self.server.seen.get(path, 0)
            self.server.seen[path] = seen + 1
        if path == "/log":
            return self.send_body(200, json.dumps(self.server.log).encode())
        words = path.lstrip("/").split("/")
        plan = plan_of(words, seen)
        if plan.status is not None:
            return self.send_body(plan.status, b"refused\n")
        if plan.redirect is not None:
            there = plan.redirect if ":" in plan.redirect else "/" + plan.redirect
            return self.send_body(302, b"elsewhere\n", [("Location", there)])
        self.serve(os.path.join(self.server.root, *map(urllib.parse.unquote, words)), plan)

    def serve(self, file, plan):
        try:
            with open(file, "rb") as opened:
                content = opened.read()
        except OSError:
            return self.send_body(404, b"no such file\n")
        if plan.changed:
            content = content[::-1]
        etag = '"%s"' % hashlib.sha256(content).hexdigest()[:16]
        headers = []
        start = 0
        status = 200
        if plan.ranges:
            headers = [("Accept-Ranges", "bytes"), ("ETag", etag),
                       ("Last-Modified", email.utils.formatdate(os.path.getmtime(file), usegmt=True))]
            asked = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
            if asked and (plan.ignore_if_range or self.headers.get("If-Range", etag) == etag):
                start = int(asked[1]) + plan.range_shift
                if start >= len(content):
                    return self.send_body(416, b"", [("Content-Range", "bytes */%d" % len(content))])
                status = 206
                headers.append(("Content-Range", "bytes %d-%d/%d" % (start, len(content) - 1, len(content))))
        self.send_body(status, content[start:], headers, plan)

    def send_body(self, status, body, headers=(), plan=None):
        plan = plan or Plan()
        with self.server.guard:
            if self.path != "/log":
                self.server.log.append({"path": self.path, "range": self.headers.get("Range"),
                                        "if_range": self.headers.get("If-Range"), "status": status})
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        if plan.length:
            self.send_header("Content-Length", str(len(body)))
        else:
            self.send_header("Connection", "close")
            self.close_connection = True
        self.end_headers()
        stop = min([len(body)] + [limit for limit in (plan.cut, plan.stall) if limit is not None])
        piece = max(1, len(body) // 10) if plan.pause else PIECE
        for start in range(0, stop, piece):
            time.sleep(plan.pause)
            self.wfile.write(body[start:min(start + piece, stop)])
        self.wfile.flush()
        if plan.stall is not None:
            self.connection.recv(1)  # silent until the client hangs up
        if plan.stall is not None or stop < len(body):
            self.close_connection = True
            self.connection.shutdown(socket.SHUT_RDWR)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--root", required=True, help="folder to serve")
    options.add_argument("--port-file", help="also write the port to this file, in one step")
    chosen = options.parse_args()
    server = Server(chosen.root)
    port = server.server_address[1]
    if chosen.port_file:
        with open(chosen.port_file + ".new", "w") as file:
            file.write("%d\n" % port)
        os.rename(chosen.port_file + ".new", chosen.port_file)
    print(port, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        sys.exit(0)


if __name__ == "__main__":
    main()
