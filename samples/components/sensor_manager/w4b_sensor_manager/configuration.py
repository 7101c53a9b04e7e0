"""What the hive's configuration says. The image's build writes it, and has checked it in the terms of its user."""

from dataclasses import dataclass
from pathlib import Path

from .yaml_section import ConfigurationError, YamlSection

_LOG_LEVELS = ("debug", "info", "warning", "error", "critical")

# Shorter intervals than this would be a busy loop.
_LEAST_SECONDS = 0.01


@dataclass(frozen=True)
class Calibration:
    """How the value of a sensor's main metric is corrected."""

    offset: float = 0.0
    scale: float = 1.0
    tare: float = 0.0
    scale_factor: float = 1.0

    def apply(self, raw: float) -> float:
        """Tare and scale_factor turn the raw counts of a load cell into its unit; scale and offset correct what is left."""
        return (raw - self.tare) / self.scale_factor * self.scale + self.offset


@dataclass(frozen=True)
class Alert:
    """What is not well. A limit of None is none."""

    metric: str
    least: float | None
    most: float | None
    threshold_seconds: float
    most_change_per_minute: float | None


@dataclass(frozen=True)
class Sensor:
    """A sensor that is to be read. `interface` is for its reader: type, pin, data_pin, clock_pin, address, as texts."""

    id: str
    type: str
    interface: dict[str, str]
    interval: float
    retries: int
    samples: int
    calibration: Calibration
    alerts: tuple[Alert, ...]


@dataclass(frozen=True)
class Storage:
    """The database. It has no password: the device's own lets the account in by the socket, for another libpq has PGPASSFILE."""

    host: str
    port: int
    database: str
    username: str
    ssl_mode: str


@dataclass(frozen=True)
class Configuration:
    """All of it; times are seconds. `storage` is None for a hive without a database."""

    hive_id: str
    sensors: tuple[Sensor, ...]
    storage: Storage | None
    interval: float
    batch_size: int
    retry_attempts: int
    retry_delay: float
    buffer_size: int
    log_level: str
    metrics_port: int


def read_configuration(file: Path) -> Configuration:
    """Raises ConfigurationError, with the key in question, or OSError."""
    root = YamlSection.read(file)
    collectors = root.section("collectors")
    interval = collectors.number("interval", 60.0, _LEAST_SECONDS)
    sensors = tuple(_sensor(section, interval) for section in root.sections("sensors") if section.flag("enabled", True))
    ids = [sensor.id for sensor in sensors]
    if twice := {sensor_id for sensor_id in ids if ids.count(sensor_id) > 1}:
        raise ConfigurationError(f"sensors: {', '.join(sorted(twice))} is there more than once")
    return Configuration(
        hive_id=root.text("hive_id"),
        sensors=sensors,
        storage=_storage(root.section("storage")) if "storage" in root else None,
        interval=interval,
        batch_size=collectors.whole("batch_size", 100, least=1),
        retry_attempts=collectors.whole("retry_attempts", 3),
        retry_delay=collectors.number("retry_delay", 5.0, 0.0),
        buffer_size=collectors.whole("buffer_size", 10000, least=1),
        log_level=root.section("logging").one_of("level", _LOG_LEVELS, "info"),
        metrics_port=root.section("metrics").whole("port", 9102),
    )


def _storage(section: YamlSection) -> Storage:
    return Storage(
        host=section.text("host", "localhost"),
        port=section.whole("port", 5432, least=1),
        database=section.text("database"),
        username=section.text("username"),
        ssl_mode=section.text("ssl_mode", "prefer"),
    )


def _sensor(section: YamlSection, interval: float) -> Sensor:
    collection = section.section("collection")
    wire = section.section("interface")
    return Sensor(
        id=section.text("id"),
        type=section.text("type").lower(),
        interface={key: wire.text(key) for key in ("type", "pin", "data_pin", "clock_pin", "address") if key in wire},
        interval=collection.number("interval", interval, _LEAST_SECONDS),
        retries=collection.whole("retries", 0),
        samples=collection.whole("samples", 1, least=1),
        calibration=_calibration(section.section("calibration")),
        alerts=tuple(_alert(alert) for alert in section.sections("alerts")),
    )


def _calibration(section: YamlSection) -> Calibration:
    factor = section.number("scale_factor", 1.0)
    if factor == 0:
        raise ConfigurationError(f"{section.name('scale_factor')} is 0, expected any other number: values are divided by it")
    return Calibration(section.number("offset", 0.0), section.number("scale", 1.0), section.number("tare", 0.0), factor)


def _alert(section: YamlSection) -> Alert:
    return Alert(
        metric=section.text("metric"),
        least=section.number("min"),
        most=section.number("max"),
        threshold_seconds=section.number("threshold_duration", 0.0, 0.0),
        most_change_per_minute=section.number("rate_of_change_max", None, 0.0),
    )
