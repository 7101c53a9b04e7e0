"""What was read."""

import math
import statistics
from dataclasses import dataclass

VALID = "valid"
ALERT = "alert"
INVALID = "invalid"


@dataclass(frozen=True)
class Reading:
    """A row of `sensor_readings`. Hive, sensor, metric and time are its identity."""

    # Microseconds since 1970, as whole as PostgreSQL keeps them: a reading that is written again must have the very same time.
    time_us: int
    hive_id: str
    sensor_id: str
    metric_name: str
    # None where the sensor gave no number.
    value: float | None
    unit: str | None
    status: str


@dataclass(frozen=True)
class Metric:
    """What a sensor measures. A value outside of least to most is one that the sensor cannot mean."""

    name: str
    unit: str | None = None
    least: float = -math.inf
    most: float = math.inf

    def holds(self, value: float | None) -> bool:
        return value is not None and self.least <= value <= self.most


def middle(values: list[float]) -> float | None:
    """The median of what is a number: a single wild sample leaves no trace in it."""
    numbers = [value for value in values if math.isfinite(value)]
    return statistics.median(numbers) if numbers else None
