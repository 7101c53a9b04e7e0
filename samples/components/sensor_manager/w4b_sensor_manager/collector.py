"""When sensors are read."""

import threading
import time
from collections.abc import Callable

from .reading import Reading
from .sensor_task import SensorTask


class Collector:
    """Reads each sensor at its interval, one after the other, by a clock that no time server moves."""

    def __init__(self, tasks: list[SensorTask], keep: Callable[[list[Reading]], None]) -> None:
        self._tasks = tasks
        self._keep = keep
        self._stopping = threading.Event()

    def run(self) -> None:
        """Until stop()."""
        while not self._stopping.is_set():
            for task in self._tasks:
                if task.due <= time.monotonic() and not self._stopping.is_set():
                    # Kept at once: should the next sensor hang, this one's readings are safe.
                    if readings := task.collect():
                        self._keep(readings)
                    task.plan_next(time.monotonic())
            self._stopping.wait(self._pause())

    def stop(self) -> None:
        self._stopping.set()

    def _pause(self) -> float | None:
        if not self._tasks:
            return None
        return max(0.0, min(task.due for task in self._tasks) - time.monotonic())
