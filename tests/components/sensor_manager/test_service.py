"""The process, without a database."""

import re
import unittest

from .manager import Hive, wait_until

SENSORS = [
    {"id": "scale", "type": "hx711", "alerts": [{"metric": "weight", "min": 1000}]},
    {"id": "climate", "type": "bme280"},
    {"id": "off", "type": "bme280", "enabled": False},
    {"id": "007", "type": "unheard-of"},
]


class ServiceTests(unittest.TestCase):
    def hive(self, **configuration) -> Hive:
        hive = Hive(**configuration)
        self.addCleanup(hive.remove)
        return hive

    def start(self, hive: Hive, **how):
        manager = hive.start(**how)
        self.addCleanup(manager.remove)
        return manager

    def test_metrics_tell_what_was_read(self):
        manager = self.start(self.hive(sensors=SENSORS))
        last = 'w4b_sensor_value{metric_name="value",sensor_id="007",unit=""}'
        wait_until(lambda: manager.metric(last) is not None, "the last sensor is read")
        status, text = manager.get("/metrics")
        self.assertEqual(200, status)
        for line in text.splitlines():
            self.assertRegex(line, r'^(# (HELP|TYPE) \w+ .+|\w+(\{\w+="[^"]*"(,\w+="[^"]*")*\})? [-+.\de]+)$')
        self.assertEqual(1, manager.metric('w4b_sensor_readings_total{sensor_id="scale",status="alert"}'))
        self.assertEqual(3, manager.metric('w4b_sensor_readings_total{sensor_id="climate",status="valid"}'))
        self.assertEqual(1, manager.metric('w4b_sensor_alert{metric_name="weight",rule="min",sensor_id="scale"}'))
        self.assertEqual(1, manager.metric('w4b_sensor_simulated{sensor_id="scale"}'))
        self.assertGreater(manager.metric('w4b_sensor_last_reading_timestamp_seconds{sensor_id="climate"}'), 1e9)
        self.assertNotIn('"off"', text)

    def test_it_is_healthy_and_knows_nothing_else(self):
        manager = self.start(self.hive())
        self.assertEqual((200, "ok\n"), manager.get("/healthz"))
        self.assertEqual(404, manager.get("/etc/passwd")[0])

    def test_terminated_it_ends_well_and_says_so(self):
        for sensors in ([], SENSORS):
            hive = self.hive(sensors=sensors)
            manager = self.start(hive)
            self.assertEqual(0, manager.terminate(), hive.log)
            self.assertIn("Received SIGTERM.", hive.log)

    def test_the_watchdog_hears_of_it(self):
        self.start(self.hive(), WATCHDOG_USEC="100000").wait_for("WATCHDOG=1")

    def test_a_sensor_that_hangs_silences_the_watchdog_and_the_health(self):
        prelude = """
            import threading
            import w4b_sensor_manager.activity as activity
            import w4b_sensor_manager.readers.simulated as simulated
            activity.Activity.__init__.__defaults__ = (0.0,)
            simulated.SimulatedReader.read = lambda self: threading.Event().wait()
        """
        manager = self.start(self.hive(sensors=SENSORS), prelude=prelude, WATCHDOG_USEC="100000")
        manager.wait_for("STATUS=Wrong: the reading of a sensor hangs")
        self.assertEqual((503, "the reading of a sensor hangs\n"), manager.get("/healthz"))

    def test_an_error_of_its_own_ends_it_to_be_started_anew(self):
        prelude = """
            import w4b_sensor_manager.sensor_task as task
            task.SensorTask.collect = lambda self: 1 / 0
        """
        manager = self.start(self.hive(sensors=SENSORS), prelude=prelude, WATCHDOG_USEC="100000")
        self.assertEqual(1, manager.wait())

    def test_a_configuration_that_cannot_be_used_is_told_as_such(self):
        hive = self.hive(sensors=[{"id": "scale"}])
        manager = self.start(hive, ready=False)
        self.assertEqual(78, manager.wait())
        self.assertIn("sensors[0].type is missing", hive.log)

    def test_the_journal_gets_severities(self):
        hive = self.hive(logging={"level": "warning"}, sensors=SENSORS)
        manager = self.start(hive, ready=False, JOURNAL_STREAM="8:1")
        manager.wait_for("READY=1")
        self.assertEqual(0, manager.terminate())
        self.assertTrue(re.search(r"^<4>", hive.log, re.MULTILINE), hive.log)
        self.assertNotIn("<6>", hive.log)
