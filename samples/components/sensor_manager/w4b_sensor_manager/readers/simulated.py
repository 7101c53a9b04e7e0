"""Sensors that are not there: for emulators, tests, and hives whose hardware has yet to come."""

import hashlib
import math
import time
from collections.abc import Callable, Mapping

from ..configuration import Sensor
from .sensor_types import metrics_of

# Middle and swing of each metric, in its unit, as in a hive in summer.
_WAVES = {
    "weight": (38.0, 2.0),
    "temperature": (26.0, 7.0),
    "humidity": (58.0, 12.0),
    "pressure": (1013.0, 9.0),
    "co2": (1800.0, 900.0),
    "voltage": (12.4, 0.6),
    "current": (0.4, 0.25),
    "illuminance": (400.0, 350.0),
}
_OTHER_WAVE = (50.0, 10.0)

_DAY = 86400.0
_HOUR = 3600.0


class SimulatedReader:
    """A slow wave for the day and a small one for the hour, at a place in them that depends on the sensor's id."""

    def __init__(self, sensor: Sensor, clock: Callable[[], float] = time.monotonic) -> None:
        """The clock is one that never jumps, in seconds: or the values would, and raise alerts."""
        self.metrics = metrics_of(sensor.type)
        self._sensor = sensor
        self._clock = clock

    def read(self) -> Mapping[str, float]:
        now = self._clock()
        values = {metric.name: self._wave(metric.name, now) for metric in self.metrics}
        # A load cell gives counts. This one gives the counts that its calibration takes back to kilograms.
        main = self.metrics[0].name
        calibration = self._sensor.calibration
        values[main] = values[main] * calibration.scale_factor + calibration.tare
        return values

    def _wave(self, metric: str, now: float) -> float:
        middle, swing = _WAVES.get(metric, _OTHER_WAVE)
        digest = hashlib.sha256(f"{self._sensor.id}/{metric}".encode()).digest()
        phase = int.from_bytes(digest[:4], "big") / 2**32
        turn = 2 * math.pi
        return middle + swing * (0.9 * math.sin(turn * (now / _DAY + phase)) + 0.1 * math.sin(turn * (now / _HOUR + phase)))
