"""What Prometheus and a health check ask, by HTTP."""

import http.server
import logging
import socket
from collections.abc import Callable


class MetricsServer(http.server.ThreadingHTTPServer):
    """GET /metrics and /healthz. Raises OSError when the port is taken."""

    # A scrape that hangs must not keep the program from ending.
    daemon_threads = True
    address_family = socket.AF_INET6 if socket.has_dualstack_ipv6() else socket.AF_INET

    def __init__(self, port: int, metrics: Callable[[], str], ailment: Callable[[], str | None]) -> None:
        """`ailment` says what is wrong with the program itself, None when nothing is."""
        self.metrics = metrics
        self.ailment = ailment
        super().__init__(("", port), _Handler)

    def server_bind(self) -> None:
        if self.address_family == socket.AF_INET6:
            self.socket.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        # Not HTTPServer's own, which asks the name server for this machine's name: a hive without a network would wait for it.
        self.socket.bind(self.server_address)
        self.server_address = self.socket.getsockname()
        self.server_name, self.server_port = "", self.server_address[1]


class _Handler(http.server.BaseHTTPRequestHandler):
    server: MetricsServer
    # Seconds that a client may be silent.
    timeout = 10

    def do_GET(self) -> None:  # pylint: disable=invalid-name
        match self.path.partition("?")[0]:
            case "/metrics":
                self._answer(200, self.server.metrics(), "text/plain; version=0.0.4; charset=utf-8")
            case "/healthz":
                ailment = self.server.ailment()
                self._answer(503 if ailment else 200, f"{ailment or 'ok'}\n")
            case _:
                self._answer(404, "Here are /metrics and /healthz.\n")

    def _answer(self, status: int, text: str, content_type: str = "text/plain; charset=utf-8") -> None:
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # pylint: disable=redefined-builtin
        logging.debug("%s: " + format, self.address_string(), *args)
