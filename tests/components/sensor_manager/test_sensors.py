"""From a sensor to readings, without a clock's time passing."""

import dataclasses
import math
import time
import unittest
from unittest import mock

from w4b_sensor_manager.activity import Activity
from w4b_sensor_manager.configuration import Alert, Calibration, Sensor
from w4b_sensor_manager.metrics import Metrics
from w4b_sensor_manager.reading import Metric
from w4b_sensor_manager.readers import ReaderRegistry
from w4b_sensor_manager.readers.simulated import SimulatedReader
from w4b_sensor_manager.sensor_task import SensorTask

SENSOR = Sensor(id="s", type="ds18b20", interface={}, interval=60, retries=0, samples=1, calibration=Calibration(), alerts=())


def sensor(**changes) -> Sensor:
    return dataclasses.replace(SENSOR, **changes)


class Script:
    """A reader that plays what it is given; an exception is raised."""

    metrics = (Metric("temperature", "°C", -55, 125), Metric("humidity", "%", 0, 100))

    def __init__(self, *samples):
        self._samples = list(samples)

    def read(self):
        sample = self._samples.pop(0)
        if isinstance(sample, Exception):
            raise sample
        return sample


def task_of(a_sensor: Sensor, *samples) -> tuple[SensorTask, Metrics]:
    metrics = Metrics()
    reader = Script(*samples)
    registry = ReaderRegistry({a_sensor.type: lambda: lambda _: reader})
    return SensorTask("hive_a", a_sensor, registry, metrics, Activity("reading")), metrics


class SimulatedReaderTests(unittest.TestCase):
    def test_each_type_has_its_metrics(self):
        for kind, metrics in {"hx711": ["weight"], "bme280": ["temperature", "humidity", "pressure"], "ds18b20": ["temperature"],
                              "dht22": ["temperature", "humidity"], "sht31": ["temperature", "humidity"],
                              "ina219": ["voltage", "current"], "unheard-of": ["value"]}.items():
            self.assertEqual(metrics, list(SimulatedReader(sensor(type=kind)).read()), kind)

    def test_values_are_possible_at_all_times(self):
        for kind in ("hx711", "bme280", "bmp280", "ds18b20", "dht11", "dht22", "sht31", "scd41", "ina219", "bh1750"):
            for minute in range(0, 2880, 7):
                reader = SimulatedReader(sensor(type=kind), lambda: minute * 60.0)
                for metric in reader.metrics:
                    self.assertTrue(metric.holds(reader.read()[metric.name]), f"{kind} {metric.name} at minute {minute}")

    def test_the_id_decides_the_wave_and_nothing_else_does(self):
        def wave(sensor_id: str) -> list[float]:
            return [SimulatedReader(sensor(id=sensor_id), lambda: second)
                    .read()["temperature"] for second in range(0, 86400, 3600)]
        self.assertEqual(wave("a"), wave("a"))
        self.assertNotEqual(wave("a"), wave("b"))
        self.assertGreater(max(wave("a")) - min(wave("a")), 5)

    def test_a_load_cell_gives_counts_that_its_calibration_takes_back(self):
        plain = SimulatedReader(sensor(type="hx711"), lambda: 1.0).read()["weight"]
        calibration = Calibration(tare=8211, scale_factor=22.75)
        counts = SimulatedReader(sensor(type="hx711", calibration=calibration), lambda: 1.0).read()["weight"]
        self.assertGreater(counts, 8211)
        self.assertAlmostEqual(plain, calibration.apply(counts))


class ReaderRegistryTests(unittest.TestCase):
    def test_hardware_is_read_where_there_is_a_reader_for_it(self):
        registry = ReaderRegistry({"ds18b20": lambda: lambda _: Script({"temperature": 1.5})})
        self.assertFalse(registry.simulates(SENSOR))
        self.assertEqual({"temperature": 1.5}, registry.open(SENSOR).read())
        self.assertTrue(registry.simulates(sensor(type="hx711")))

    def test_all_are_simulated_when_told(self):
        with mock.patch.dict("os.environ", W4B_SENSOR_READERS="simulated"), \
             mock.patch("w4b_sensor_manager.readers.entry_points", return_value=[mock.Mock(name="ds18b20")]):
            self.assertTrue(ReaderRegistry().simulates(SENSOR))


class SensorTaskTests(unittest.TestCase):
    def test_calibration_is_the_main_metrics(self):
        task, _ = task_of(sensor(calibration=Calibration(offset=-0.4, scale=2)), {"temperature": 10, "humidity": 50})
        self.assertEqual([("temperature", 19.6, "°C", "valid"), ("humidity", 50, "%", "valid")],
                         [(r.metric_name, r.value, r.unit, r.status) for r in task.collect()])

    def test_the_middle_of_the_samples_counts(self):
        task, _ = task_of(sensor(samples=3), *({"temperature": t, "humidity": 50} for t in (20, 85, 21)))
        self.assertEqual(21, task.collect()[0].value)

    def test_what_a_sensor_cannot_mean_is_invalid(self):
        task, metrics = task_of(sensor(alerts=(Alert("temperature", None, 30, 0, None),)), {"temperature": 127.9, "humidity": math.nan})
        self.assertEqual([(127.9, "invalid"), (None, "invalid")], [(r.value, r.status) for r in task.collect()])
        self.assertNotIn("w4b_sensor_alert{", metrics.text())

    def test_a_failed_reading_is_tried_again(self):
        task, metrics = task_of(sensor(retries=2), OSError("no answer"), {"temperature": "no number"}, {"temperature": 20, "humidity": 50})
        self.assertEqual(20, task.collect()[0].value)
        self.assertEqual(2, metrics.total("w4b_sensor_read_errors_total"))

    def test_a_sensor_that_fails_gives_nothing_and_is_told_once(self):
        task, metrics = task_of(SENSOR, OSError("no answer"), OSError("no answer"), {"temperature": 20, "humidity": 50})
        with self.assertLogs(level="INFO") as logged:
            self.assertEqual([[], [], 2], [task.collect(), task.collect(), len(task.collect())])
        self.assertEqual(["WARNING", "INFO"], [record.levelname for record in logged.records])
        self.assertEqual(2, metrics.total("w4b_sensor_read_errors_total"))

    def test_a_reader_that_cannot_be_opened_fails_its_sensor_only(self):
        def broken():
            raise ImportError("no such module")
        task = SensorTask("hive_a", SENSOR, ReaderRegistry({"ds18b20": broken}), Metrics(), Activity("reading"))
        with self.assertLogs(level="WARNING"):
            self.assertEqual([], task.collect())

    def test_alerts_stand_in_the_status_and_in_the_metrics(self):
        task, metrics = task_of(sensor(alerts=(Alert("temperature", 10, 30, 0, None),)),
                                *({"temperature": t, "humidity": 50} for t in (20, 31, 20)))
        self.assertEqual("valid", task.collect()[0].status)
        with self.assertLogs(level="WARNING"):
            self.assertEqual(["alert", "valid"], [r.status for r in task.collect()])
        self.assertIn('w4b_sensor_alert{metric_name="temperature",rule="max",sensor_id="s"} 1.0', metrics.text())
        self.assertEqual("valid", task.collect()[0].status)
        self.assertIn('w4b_sensor_alert{metric_name="temperature",rule="max",sensor_id="s"} 0.0', metrics.text())

    def test_the_wall_clock_stamps_and_decides_nothing(self):
        task, _ = task_of(SENSOR, *[{"temperature": 20, "humidity": 50}] * 2)
        due = task.due
        with mock.patch("time.time_ns", side_effect=[1_700_000_000_123_456_789, 1_600_000_000_000_000_000]):
            self.assertEqual(1_700_000_000_123_456, task.collect()[0].time_us)
            task.plan_next(time.monotonic())
            self.assertEqual(1_600_000_000_000_000, task.collect()[0].time_us)
        self.assertEqual(due + 60, task.due)

    def test_missed_readings_are_not_made_up_for(self):
        task, _ = task_of(SENSOR)
        late = task.due + 1000
        task.plan_next(late)
        self.assertEqual(late + 60, task.due)
