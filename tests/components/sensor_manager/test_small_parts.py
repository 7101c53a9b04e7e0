"""What needs no sensor, no database and no process."""

import logging
import socket
import tempfile
import unittest
from unittest import mock

from w4b_sensor_manager import log
from w4b_sensor_manager.activity import Activity
from w4b_sensor_manager.metrics import Metrics
from w4b_sensor_manager.systemd import ServiceManager


class MetricsTests(unittest.TestCase):
    def test_the_text_is_prometheus_own(self):
        metrics = Metrics()
        metrics.add("w4b_sensor_readings_total", sensor_id='a"b\\c\nd', status="valid")
        metrics.add("w4b_sensor_readings_total", 2, sensor_id='a"b\\c\nd', status="valid")
        metrics.set("w4b_sensor_database_up", True)
        self.assertEqual(
            "# HELP w4b_sensor_readings_total Readings taken.\n# TYPE w4b_sensor_readings_total counter\n"
            'w4b_sensor_readings_total{sensor_id="a\\"b\\\\c\\nd",status="valid"} 3.0\n'
            "# HELP w4b_sensor_database_up Whether the last attempt to reach the database succeeded.\n# TYPE w4b_sensor_database_up gauge\n"
            "w4b_sensor_database_up 1.0\n", metrics.text())

    def test_a_source_is_asked_each_time(self):
        metrics, values = Metrics(), [7]
        metrics.ask("w4b_sensor_readings_buffered", lambda: values[0])
        self.assertEqual(7, metrics.total("w4b_sensor_readings_buffered"))
        values[0] = 8
        self.assertIn("w4b_sensor_readings_buffered 8.0\n", metrics.text())


class ServiceManagerTests(unittest.TestCase):
    def test_it_is_told_on_its_socket_whether_that_has_a_path_or_not(self):
        with tempfile.TemporaryDirectory() as folder:
            for address, variable in ((f"{folder}/notify", f"{folder}/notify"), (f"\0{folder}", f"@{folder}")):
                with self.subTest(variable), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
                    receiver.bind(address)
                    receiver.settimeout(10)
                    ServiceManager({"NOTIFY_SOCKET": variable}).notify(READY="1", STATUS="well")
                    self.assertEqual(b"READY=1\nSTATUS=well", receiver.recv(100))

    def test_without_one_nothing_happens(self):
        manager = ServiceManager({})
        manager.notify(READY="1")
        self.assertIsNone(manager.watchdog_seconds)

    def test_the_watchdog_is_for_the_process_that_it_names(self):
        self.assertEqual(120, ServiceManager({"WATCHDOG_USEC": "120000000"}).watchdog_seconds)
        self.assertIsNone(ServiceManager({"WATCHDOG_USEC": "120000000", "WATCHDOG_PID": "1"}).watchdog_seconds)


class ActivityTests(unittest.TestCase):
    def test_only_a_step_can_hang(self):
        activity = Activity("work", limit=-1)
        self.assertFalse(activity.hangs)
        with activity.step():
            self.assertTrue(activity.hangs)
        self.assertFalse(activity.hangs)

    def test_a_step_within_its_limit_does_not_hang(self):
        activity = Activity("work", limit=1e9)
        with activity.step():
            self.assertFalse(activity.hangs)


class LogTests(unittest.TestCase):
    def test_the_journal_gets_severities_and_others_the_time(self):
        self.addCleanup(logging.basicConfig, handlers=logging.root.handlers[:], level=logging.root.level, force=True)
        for environment, expected in (({"JOURNAL_STREAM": "8:1"}, r"^<4>first\n<4>second$"), ({}, r"^\d{4}-.* WARNING first\nsecond$")):
            with self.subTest(environment), mock.patch.dict("os.environ", environment):
                log.start("info")
                record = logging.LogRecord("x", logging.WARNING, "", 0, "first\nsecond", (), None)
                self.assertRegex(logging.root.handlers[0].format(record), expected)
