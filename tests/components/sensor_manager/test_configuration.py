"""The configuration, in files as SensorConfigPlan writes them."""

import tempfile
import unittest
from pathlib import Path

from w4b_sensor_manager.configuration import Calibration, read_configuration
from w4b_sensor_manager.yaml_section import ConfigurationError

FILES = Path(__file__).parent / "configurations"


def read_text(text: str):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        return read_configuration(Path(file.name))


class ConfigurationTests(unittest.TestCase):
    def test_everything_that_the_build_writes_is_read(self):
        configuration = read_configuration(FILES / "everything.yaml")
        self.assertEqual("hive_d", configuration.hive_id)
        self.assertEqual((30, 50, 2, 1, 500), (configuration.interval, configuration.batch_size, configuration.retry_attempts,
                                               configuration.retry_delay, configuration.buffer_size))
        self.assertEqual(("localhost", 5432, "bees", "bees", "prefer"), (
            configuration.storage.host, configuration.storage.port, configuration.storage.database, configuration.storage.username,
            configuration.storage.ssl_mode))
        self.assertEqual(("debug", 9102), (configuration.log_level, configuration.metrics_port))
        scale, brood = configuration.sensors
        self.assertEqual(("scale", "hx711", 60, 3, 10), (scale.id, scale.type, scale.interval, scale.retries, scale.samples))
        self.assertEqual({"type": "gpio", "data_pin": "5", "clock_pin": "6"}, scale.interface)
        self.assertEqual(Calibration(offset=-0.5, scale=2, tare=8000, scale_factor=22.5), scale.calibration)
        alert, = scale.alerts
        self.assertEqual(("weight", 10, 80.5, 300, 2), (
            alert.metric, alert.least, alert.most, alert.threshold_seconds, alert.most_change_per_minute))
        self.assertEqual(("brood", 30, {"type": "w1", "address": "28-0316a2795e6f"}), (brood.id, brood.interval, brood.interface))

    def test_names_stay_names_however_much_they_look_like_numbers_or_booleans(self):
        configuration = read_configuration(FILES / "odd_names.yaml")
        self.assertEqual("yes", configuration.storage.username)
        self.assertEqual(["007", "on"], [sensor.id for sensor in configuration.sensors])
        self.assertEqual("0x76", configuration.sensors[0].interface["address"])

    def test_a_hive_without_a_database_and_without_sensors(self):
        configuration = read_text("hive_id: hive_a\ncollectors: {interval: 60}\n")
        self.assertIsNone(configuration.storage)
        self.assertEqual((), configuration.sensors)

    def test_what_cannot_be_meant_is_told_with_its_key(self):
        sensor = "hive_id: a\nsensors: [{id: x, type: y, %s}]"
        for text, key in {
            "collectors: {}": "hive_id",
            "- a list": "mapping",
            "hive_id: [a": "expected",
            "hive_id: a\ncollectors: {interval: 0}": "collectors.interval",
            "hive_id: a\ncollectors: {interval: .inf}": "collectors.interval",
            "hive_id: a\ncollectors: {batch_size: 1.5}": "collectors.batch_size",
            "hive_id: a\ncollectors: {buffer_size: many}": "collectors.buffer_size",
            "hive_id: a\nlogging: {level: loud}": "logging.level",
            "hive_id: a\nstorage: {database: w4b}": "storage.username",
            "hive_id: a\nsensors: {id: x}": "sensors",
            "hive_id: a\nsensors: [{id: x}]": "sensors[0].type",
            "hive_id: a\nsensors: [{id: x, type: y}, {id: x, type: z}]": "more than once",
            sensor % "enabled: perhaps": "sensors[0].enabled",
            sensor % "calibration: {scale_factor: 0}": "sensors[0].calibration.scale_factor",
            sensor % "alerts: [{min: 1}]": "sensors[0].alerts[0].metric",
        }.items():
            with self.subTest(text), self.assertRaises(ConfigurationError) as caught:
                read_text(text)
            with self.subTest(text):
                self.assertIn(key, str(caught.exception))


class CalibrationTests(unittest.TestCase):
    def test_counts_become_units_and_are_then_corrected(self):
        self.assertEqual((9000 - 8000) / 20 * 2 - 0.5, Calibration(offset=-0.5, scale=2, tare=8000, scale_factor=20).apply(9000))

    def test_nothing_given_changes_nothing(self):
        self.assertEqual(21.25, Calibration().apply(21.25))
