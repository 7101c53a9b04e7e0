"""How sensors are read, and who reads which."""

import os
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from typing import Protocol

from ..configuration import Sensor
from ..reading import Metric
from .simulated import SimulatedReader

# The entry points of installed packages that bring readers of hardware: name = the sensor's type, value = a ReaderFactory.
ENTRY_POINTS = "w4b_sensor_manager.readers"


class Reader(Protocol):
    """Reads one sensor."""

    # The first is the main one, which the calibration corrects.
    metrics: tuple[Metric, ...]

    def read(self) -> Mapping[str, float]:
        """One sample: raw values by the metrics' names. Raises an Exception when there is none; must come back within 30 seconds."""


ReaderFactory = Callable[[Sensor], Reader]


class ReaderRegistry:
    """Readers by the type of the sensor. A type without a reader of hardware is simulated."""

    def __init__(self, hardware: Mapping[str, Callable[[], ReaderFactory]] | None = None) -> None:
        """Each of `hardware` loads a factory: a broken package must cost its own sensors only, and only when they are read."""
        self._hardware = dict(_installed() if hardware is None else hardware)

    def simulates(self, sensor: Sensor) -> bool:
        return sensor.type not in self._hardware

    def open(self, sensor: Sensor) -> Reader:
        """Raises whatever the hardware's reader does when it cannot be opened."""
        return SimulatedReader(sensor) if self.simulates(sensor) else self._hardware[sensor.type]()(sensor)


def _installed() -> dict[str, Callable[[], ReaderFactory]]:
    # For emulators, where the packages are installed and the hardware is not.
    if os.environ.get("W4B_SENSOR_READERS") == "simulated":
        return {}
    return {entry.name: entry.load for entry in entry_points(group=ENTRY_POINTS)}
