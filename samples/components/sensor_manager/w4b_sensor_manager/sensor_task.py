"""The reading of one sensor."""

import logging
import time

from .activity import Activity
from .alerts import AlertWatch
from .configuration import Sensor
from .metrics import Metrics
from .reading import ALERT, INVALID, VALID, Metric, Reading, middle
from .readers import Reader, ReaderRegistry


class SensorTask:
    """Reads a sensor when it is due, judges what it says and tells the metrics."""

    def __init__(self, hive_id: str, sensor: Sensor, registry: ReaderRegistry, metrics: Metrics, activity: Activity) -> None:
        self._hive_id = hive_id
        self._sensor = sensor
        self._registry = registry
        self._metrics = metrics
        self._activity = activity
        self._alerts = AlertWatch(sensor.alerts)
        self._reader: Reader | None = None
        self._failing = False
        # Monotonic seconds.
        self.due = time.monotonic()
        metrics.set("w4b_sensor_simulated", registry.simulates(sensor), sensor_id=sensor.id)
        metrics.add("w4b_sensor_read_errors_total", 0, sensor_id=sensor.id)

    def plan_next(self, now: float) -> None:
        """Keeps the beat of the interval; what was missed is not made up for."""
        self.due += self._sensor.interval
        if self.due <= now:
            self.due = now + self._sensor.interval

    def collect(self) -> list[Reading]:
        """The sensor's readings of this moment; none when it cannot be read."""
        for attempt in range(self._sensor.retries + 1):
            try:
                samples = self._samples()
            # A reader of hardware may fail in any way; it must not stop the other sensors.
            except Exception as error:  # pylint: disable=broad-exception-caught
                self._failed(error, attempt)
            else:
                return self._judge(samples)
        return []

    def _samples(self) -> list[dict[str, float]]:
        samples = []
        for _ in range(self._sensor.samples):
            with self._activity.step():
                if self._reader is None:
                    self._reader = self._registry.open(self._sensor)
                # What is no number fails here, as an error of this sensor.
                samples.append({name: float(value) for name, value in self._reader.read().items()})
        return samples

    def _failed(self, error: Exception, attempt: int) -> None:
        self._metrics.add("w4b_sensor_read_errors_total", sensor_id=self._sensor.id)
        logging.debug("Sensor %s: attempt %d failed: %r", self._sensor.id, attempt + 1, error)
        if attempt == self._sensor.retries and not self._failing:
            self._failing = True
            logging.warning("Sensor %s cannot be read: %r", self._sensor.id, error)

    def _judge(self, samples: list[dict[str, float]]) -> list[Reading]:
        if self._failing:
            self._failing = False
            logging.info("Sensor %s can be read again.", self._sensor.id)
        now_us = time.time_ns() // 1000
        readings = []
        for metric in self._reader.metrics:
            value = middle([sample.get(metric.name, float("nan")) for sample in samples])
            if value is not None and metric is self._reader.metrics[0]:
                value = self._sensor.calibration.apply(value)
            reading = Reading(now_us, self._hive_id, self._sensor.id, metric.name, value, metric.unit, self._status(metric, value))
            self._show(reading)
            readings.append(reading)
        self._metrics.set("w4b_sensor_last_reading_timestamp_seconds", now_us / 1e6, sensor_id=self._sensor.id)
        return readings

    def _status(self, metric: Metric, value: float | None) -> str:
        # What the sensor cannot mean says nothing about the hive, so it raises no alert.
        if not metric.holds(value):
            return INVALID
        broken = self._alerts.update(metric.name, value, time.monotonic())
        for rule, is_broken in broken.items():
            labels = {"sensor_id": self._sensor.id, "metric_name": metric.name, "rule": rule}
            if is_broken != self._metrics.set("w4b_sensor_alert", is_broken, **labels):
                logging.log(logging.WARNING if is_broken else logging.INFO, "Sensor %s: %s is %.6g, %s of %s", self._sensor.id,
                            metric.name, value, "alert" if is_broken else "no more alert", rule)
        return ALERT if any(broken.values()) else VALID

    def _show(self, reading: Reading) -> None:
        sensor = {"sensor_id": reading.sensor_id}
        self._metrics.add("w4b_sensor_readings_total", status=reading.status, **sensor)
        if reading.value is not None:
            self._metrics.set("w4b_sensor_value", reading.value, metric_name=reading.metric_name, unit=reading.unit or "", **sensor)
