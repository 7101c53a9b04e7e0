"""What Prometheus is told, in its text format."""

import threading
from collections.abc import Callable

_FAMILIES = {
    "w4b_sensor_manager_info": ("gauge", "The program's version and its hive."),
    "w4b_sensor_readings_total": ("counter", "Readings taken."),
    "w4b_sensor_read_errors_total": ("counter", "Attempts to read a sensor that failed."),
    "w4b_sensor_last_reading_timestamp_seconds": ("gauge", "When a sensor was last read."),
    "w4b_sensor_value": ("gauge", "The last value read."),
    "w4b_sensor_alert": ("gauge", "Whether a rule of an alert is broken."),
    "w4b_sensor_simulated": ("gauge", "Whether a sensor's values are made up."),
    "w4b_sensor_readings_written_total": ("counter", "Readings that are new in the database."),
    "w4b_sensor_readings_buffered": ("gauge", "Readings that wait for the database."),
    "w4b_sensor_readings_dropped_total": ("counter", "Readings lost: the buffer was full or could not be written."),
    "w4b_sensor_readings_refused_total": ("counter", "Readings lost: the database would not have them."),
    "w4b_sensor_write_errors_total": ("counter", "Attempts to write to the database or to the buffer that failed."),
    "w4b_sensor_database_up": ("gauge", "Whether the last attempt to reach the database succeeded."),
}

_Series = tuple[tuple[str, str], ...]


class Metrics:
    """Values by family and labels; for any thread. Only the families above exist."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._families: dict[str, dict[_Series, float]] = {name: {} for name in _FAMILIES}
        self._sources: dict[str, Callable[[], float]] = {}

    def ask(self, family: str, source: Callable[[], float]) -> None:
        """From now on the family has one value, what `source` says when it is looked at: it cannot lag behind what it counts."""
        self._sources[family] = source

    def add(self, family: str, amount: float = 1, **labels: str) -> None:
        series = tuple(sorted(labels.items()))
        with self._lock:
            values = self._families[family]
            values[series] = values.get(series, 0.0) + amount

    def set(self, family: str, value: float, **labels: str) -> float:
        """Returns the value before, 0 when there was none."""
        series = tuple(sorted(labels.items()))
        with self._lock:
            values = self._families[family]
            before = values.get(series, 0.0)
            values[series] = float(value)
        return before

    def total(self, family: str) -> float:
        """The sum over all labels."""
        with self._lock:
            return sum(self._values(family).values())

    def text(self) -> str:
        """The exposition format 0.0.4."""
        lines = []
        with self._lock:
            for family, (kind, meaning) in _FAMILIES.items():
                if values := self._values(family):
                    lines += [f"# HELP {family} {meaning}", f"# TYPE {family} {kind}"]
                    lines += [f"{family}{_labels(series)} {value!r}" for series, value in sorted(values.items())]
        return "\n".join(lines) + "\n"

    def _values(self, family: str) -> dict[_Series, float]:
        source = self._sources.get(family)
        return self._families[family] if source is None else {(): float(source())}


def _labels(series: _Series) -> str:
    if not series:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in series) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
