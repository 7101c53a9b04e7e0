"""The sensor manager as a process, as systemd starts it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from . import COMPONENT

TIMEOUT = 60.0

# A package beside the manager, with a reader that counts, and notes in a file what it has given before it gives it.
_READER = """
    import os
    from w4b_sensor_manager.reading import Metric

    class Counter:
        metrics = (Metric("count"),)

        def __init__(self, sensor):
            with open(os.environ["W4B_TEST_LEDGER"], "a+", encoding="ascii") as ledger:
                ledger.seek(0)
                self._count = len(ledger.readlines())

        def read(self):
            self._count += 1
            with open(os.environ["W4B_TEST_LEDGER"], "a", encoding="ascii") as ledger:
                ledger.write(f"{self._count}\\n")
            return {"count": self._count}
"""


def wait_until(condition: Callable[[], bool], what: str) -> None:
    end = time.monotonic() + TIMEOUT
    while not condition():
        if time.monotonic() > end:
            raise AssertionError(f"Waited {TIMEOUT:g} s in vain until {what}.")
        time.sleep(0.02)


class Hive:
    """A folder with all that the manager has: configuration, state, the package of the counting reader, its ledger."""

    def __init__(self, **configuration) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="w4b-hive-")
        self.folder = Path(self._folder.name)
        self.state = self.folder / "state"
        self.state.mkdir()
        self._ledger = self.folder / "ledger"
        self._ledger.touch()
        self._log = self.folder / "log"
        self._log.touch()
        self.configuration = self.folder / "config.yaml"
        # JSON is YAML.
        self.configuration.write_text(json.dumps({"hive_id": "hive_test", "metrics": {"port": 0}, **configuration}), encoding="utf-8")
        package = self.folder / "packages/w4b_test_readers-1.dist-info"
        package.mkdir(parents=True)
        (package / "METADATA").write_text("Metadata-Version: 2.1\nName: w4b-test-readers\nVersion: 1\n", encoding="utf-8")
        (package / "entry_points.txt").write_text("[w4b_sensor_manager.readers]\ncounter = w4b_test_readers:Counter\n", encoding="utf-8")
        (package.parent / "w4b_test_readers.py").write_text(textwrap.dedent(_READER), encoding="utf-8")

    @property
    def given(self) -> list[int]:
        """What the counting reader has given."""
        return [int(line) for line in self._ledger.read_text(encoding="ascii").splitlines()]

    @property
    def log(self) -> str:
        """Of all managers of this hive."""
        return self._log.read_text(encoding="utf-8")

    def start(self, prelude: str | None = None, ready: bool = True, **environment: str) -> "Manager":
        """`prelude` is Python that runs in the process before the program."""
        program = ["-m", "w4b_sensor_manager"] if prelude is None else \
            ["-c", textwrap.dedent(prelude) + "\nimport sys\nfrom w4b_sensor_manager.__main__ import main\nsys.exit(main())"]
        manager = Manager(
            [sys.executable, *program, "--config", str(self.configuration)], self.folder, self._log,
            {"STATE_DIRECTORY": str(self.state), "W4B_TEST_LEDGER": str(self._ledger),
             "PYTHONPATH": f"{COMPONENT}:{self.folder / 'packages'}", **environment})
        if ready:
            manager.wait_for("READY=1")
        return manager

    def remove(self) -> None:
        self._folder.cleanup()


class Manager:
    """One process of it. Its metrics are asked by HTTP and its notifications taken, as Prometheus and systemd do."""

    def __init__(self, command: list[str], folder: Path, log: Path, environment: dict[str, str]) -> None:
        address = folder / "notify"
        address.unlink(missing_ok=True)
        self._notifications = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._notifications.bind(str(address))
        self._notifications.settimeout(TIMEOUT)
        self._log = log
        self._log_start = log.stat().st_size
        with log.open("ab") as output:
            self.process = subprocess.Popen(command, stderr=output, env={**os.environ, "NOTIFY_SOCKET": str(address), **environment})

    def wait_for(self, notification: str) -> None:
        """Until the service manager has been told so."""
        try:
            while notification not in self._notifications.recv(4096).decode().splitlines():
                pass
        except TimeoutError as error:
            raise AssertionError(f"{notification} did not come.\n{self._log.read_text(encoding='utf-8')}") from error

    def get(self, path: str) -> tuple[int, str]:
        port = re.search(r"metrics on port (\d+)", self._log.read_bytes()[self._log_start:].decode())[1]
        try:
            with urllib.request.urlopen(f"http://localhost:{port}{path}", timeout=TIMEOUT) as answer:
                return answer.status, answer.read().decode()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, error.read().decode()

    def metric(self, series: str) -> float | None:
        """The value of a series, written as in the exposition."""
        found = re.search(rf"^{re.escape(series)} (\S+)$", self.get("/metrics")[1], re.MULTILINE)
        return float(found[1]) if found else None

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def terminate(self) -> int:
        """Returns the exit status."""
        return self._end(signal.SIGTERM)

    def wait(self) -> int:
        status = self.process.wait(TIMEOUT)
        self._notifications.close()
        return status

    def _end(self, sign: signal.Signals) -> int:
        self.process.send_signal(sign)
        return self.wait()

    def remove(self) -> None:
        """Whatever state it is in."""
        if self.process.poll() is None:
            self.kill()
        self._notifications.close()
