"""The service manager's protocol: sd_notify(3)."""

import os
import socket
from collections.abc import Mapping


class ServiceManager:
    """Does nothing when no service manager listens."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        address = environment.get("NOTIFY_SOCKET", "")
        # A leading @ stands for the null byte of Linux's abstract socket names.
        self._address = "\0" + address[1:] if address.startswith("@") else address
        watched = environment.get("WATCHDOG_PID", str(os.getpid())) == str(os.getpid())
        self._watchdog_us = int(environment.get("WATCHDOG_USEC", "0")) if watched else 0

    @property
    def watchdog_seconds(self) -> float | None:
        """After how long without a sign of life the program is ended; None for never."""
        return self._watchdog_us / 1e6 or None

    def notify(self, **assignments: str) -> None:
        """For example READY="1", STATUS="text"."""
        if self._address:
            message = "\n".join(f"{name}={value}" for name, value in assignments.items())
            with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as connection:
                connection.sendto(message.encode(), self._address)
