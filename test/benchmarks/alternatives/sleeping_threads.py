"""How the predecessor worked: believes every webhook, stores nothing, and sleeps in a thread."""
import http.client
import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

HUB = urlsplit(sys.argv[1])
DELAY_SECONDS = 0


def trigger(tag):
    time.sleep(DELAY_SECONDS)
    connection = http.client.HTTPConnection(HUB.hostname, HUB.port)
    connection.request("POST", "/sleeper/", json.dumps({"docker_tag": tag}), {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()


class Hook(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self):
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        threading.Thread(target=trigger, args=(payload["push_data"]["tag"],)).start()
        answer = b'{"outcome":"advanced"}'
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_):
        pass


server = ThreadingHTTPServer(("127.0.0.1", 0), Hook)
print(f"sleeping threads listening on http://127.0.0.1:{server.server_port}", flush=True)
server.serve_forever()
