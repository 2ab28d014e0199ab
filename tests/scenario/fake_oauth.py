# SPDX-License-Identifier: ISC
"""A token endpoint (RFC 6749, 6) that rotates: every refresh token works once and brings the next one.

    oauth = FakeOauth(first="refresh-1")         # over http on 127.0.0.1; with cert and key over https as localhost
    oauth.url; oauth.valid (access tokens that are good now); oauth.requests (the forms it was sent); oauth.close()
answer: None, or (status, dict) that every request gets instead. rotate=False: the refresh token stays good and no other is given.
"""
import http.server
import json
import ssl
import threading
import urllib.parse


class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        form = {k: v[0] for k, v in urllib.parse.parse_qs(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()).items()}
        status, answer = self.server.oauth.give(form)
        body = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


class FakeOauth:
    def __init__(self, first="refresh-1", lifetime=3600, rotate=True, cert=None, key=None, client_secret=None):
        self.refresh, self.lifetime, self.rotate, self.client_secret = first, lifetime, rotate, client_secret
        self.valid, self.requests, self.answer, self.count = set(), [], None, 0
        self.lock = threading.Lock()
        self.http = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.oauth = self
        if cert:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(cert, key)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.url = ("https://localhost" if cert else "http://127.0.0.1") + ":%d/token" % self.http.server_port
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def close(self):
        self.http.shutdown()
        self.http.server_close()

    def give(self, form):
        with self.lock:
            self.requests.append(form)
            if self.answer:
                return self.answer
            if form.get("grant_type") != "refresh_token" or form.get("refresh_token") != self.refresh:
                return 400, {"error": "invalid_grant", "error_description": "this refresh token is not good (any more)"}
            if self.client_secret is not None and form.get("client_secret") != self.client_secret:
                return 401, {"error": "invalid_client"}
            self.count += 1
            access = "access-%d" % self.count
            self.valid.add(access)
            answer = {"token_type": "Bearer", "access_token": access, "expires_in": self.lifetime}
            if self.rotate:
                answer["refresh_token"] = self.refresh = "rotated-refresh-%d" % self.count
            return 200, answer
