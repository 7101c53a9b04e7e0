"""The process and a real PostgreSQL, which both come and go."""

import random
import re
import unittest

from w4b_sensor_manager.activity import Activity
from w4b_sensor_manager.buffer import Buffer
from w4b_sensor_manager.configuration import read_configuration
from w4b_sensor_manager.database import Database
from w4b_sensor_manager.metrics import Metrics
from w4b_sensor_manager.outbox import Outbox
from w4b_sensor_manager.reading import Reading

from .manager import Hive, Manager, wait_until
from .postgres import Postgres

POSTGRES: Postgres

COUNTER = [{"id": "counter", "type": "counter"}]


def setUpModule() -> None:  # pylint: disable=invalid-name
    global POSTGRES  # pylint: disable=global-statement
    POSTGRES = Postgres()
    unittest.addModuleCleanup(POSTGRES.remove)
    POSTGRES.start()


class DatabaseTests(unittest.TestCase):
    tier = "build"

    def setUp(self) -> None:
        self.database = self.id().rpartition(".")[2][:60]
        POSTGRES.create_database(self.database)

    def hive(self, sensors: list[dict], interval: float = 0.02, **collectors) -> Hive:
        hive = Hive(
            sensors=sensors, storage={"host": str(POSTGRES.folder), "database": self.database, "username": "w4b"},
            # Tries are frequent, so that tests are short.
            collectors={"interval": interval, "batch_size": 7, "retry_attempts": 1, "retry_delay": 0.1, **collectors})
        self.addCleanup(hive.remove)
        return hive

    def start(self, hive: Hive, **how) -> Manager:
        manager = hive.start(**how)
        self.addCleanup(manager.remove)
        return manager

    def rows(self, columns: str = "value::int", order: str = "time") -> list:
        rows = POSTGRES.execute(self.database, f"SELECT {columns} FROM sensor_readings ORDER BY {order}")
        return [row[0] for row in rows] if columns == "value::int" else rows

    def wait_for_rows(self, count: int) -> None:
        wait_until(lambda: len(self.rows()) >= count, f"the database has {count} readings")

    def wait_until_away(self, manager: Manager, kept: int) -> None:
        wait_until(lambda: manager.metric("w4b_sensor_database_up") == 0 and manager.metric("w4b_sensor_readings_buffered") >= kept,
                   f"the database is away and {kept} readings are kept")

    def wait_until_back(self, manager: Manager) -> None:
        # Not "nothing is buffered": readings go on.
        wait_until(lambda: manager.metric("w4b_sensor_database_up") == 1, "the database is back and has what was kept")

    def test_readings_arrive(self):
        hive = self.hive([{"id": "scale", "type": "hx711"}, {"id": "climate", "type": "bme280", "alerts": [{"metric": "pressure", "min": 2000}]}],
                         interval=3600)
        manager = self.start(hive)
        self.wait_for_rows(4)
        self.assertEqual([
            ("hive_test", "climate", "humidity", "%", "valid", True), ("hive_test", "climate", "pressure", "hPa", "alert", True),
            ("hive_test", "climate", "temperature", "°C", "valid", True), ("hive_test", "scale", "weight", "kg", "valid", True),
        ], self.rows("hive_id, sensor_id, metric_name, unit, status, time BETWEEN now() - interval '1 minute' AND now()", "sensor_id, metric_name"))
        wait_until(lambda: manager.metric("w4b_sensor_readings_written_total") == 4, "the metrics tell of four readings")
        self.assertEqual(1, manager.metric("w4b_sensor_database_up"))
        value, = POSTGRES.execute(self.database, "SELECT value FROM sensor_readings WHERE sensor_id = 'scale'")[0]
        self.assertEqual(value, manager.metric('w4b_sensor_value{metric_name="weight",sensor_id="scale",unit="kg"}'))

    def test_terminated_it_leaves_nothing_behind(self):
        hive = self.hive(COUNTER)
        manager = self.start(hive)
        self.wait_for_rows(5)
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assertEqual(hive.given, self.rows())

    def test_readings_outlive_a_database_that_is_stopped(self):
        self.readings_outlive("fast")

    def test_readings_outlive_a_database_that_crashes(self):
        self.readings_outlive("immediate")

    def readings_outlive(self, end: str) -> None:
        hive = self.hive(COUNTER)
        manager = self.start(hive)
        for _ in range(2):
            self.wait_for_rows(5)
            POSTGRES.stop(end)
            try:
                self.wait_until_away(manager, kept=20)
                self.assertEqual((200, "ok\n"), manager.get("/healthz"))
            finally:
                POSTGRES.start()
            self.wait_until_back(manager)
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assertEqual(hive.given, self.rows())
        if not POSTGRES.timescale:
            self.assertEqual(hive.given, self.rows(order="ctid"), "they were not written in order")

    def test_readings_kept_by_a_process_that_ended_are_written_by_the_next(self):
        hive = self.hive(COUNTER)
        POSTGRES.stop()
        try:
            manager = self.start(hive)
            self.wait_until_away(manager, kept=20)
            self.assertEqual(0, manager.terminate(), hive.log)
        finally:
            POSTGRES.start()
        self.assertEqual([], self.rows())
        manager = self.start(hive)
        self.wait_for_rows(21)
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assertEqual(hive.given, self.rows())

    def test_killed_at_any_moment_it_loses_at_most_the_reading_that_it_was_taking(self):
        hive = self.hive(COUNTER, interval=0.01)
        chance = random.Random(4)
        at_kills = set()
        for _ in range(6):
            manager = self.start(hive)
            target = len(hive.given) + chance.randint(1, 25)
            wait_until(lambda: len(hive.given) >= target, f"{target} readings are taken")
            manager.kill()
            at_kills.add(hive.given[-1])
        manager = self.start(hive)
        self.wait_for_rows(len(hive.given))
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assert_once_and_in_order(hive, at_kills)

    def test_killed_between_commit_and_removal_it_writes_nothing_twice(self):
        hive = self.hive(COUNTER)
        prelude = """
            import os, signal
            from w4b_sensor_manager.buffer import Buffer
            Buffer.remove = lambda self: os.kill(os.getpid(), signal.SIGKILL)
        """
        at_kills = set()
        for _ in range(3):
            before = len(self.rows())
            manager = self.start(hive, prelude=prelude, ready=False)
            self.assertEqual(-9, manager.wait())
            at_kills.add(hive.given[-1])
        # Each process wrote the head of the buffer anew: but for the first, that was there already.
        self.assertGreater(before, 0)
        manager = self.start(hive)
        self.wait_for_rows(len(hive.given) - len(at_kills))
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assert_once_and_in_order(hive, at_kills)

    def assert_once_and_in_order(self, hive: Hive, may_be_lost: set[int]) -> None:
        rows = self.rows()
        self.assertEqual(sorted(set(rows)), rows)
        lost = set(hive.given) - set(rows)
        self.assertLessEqual(lost, may_be_lost)
        self.assertEqual(set(), set(rows) - set(hive.given))

    def test_a_full_buffer_drops_the_oldest_and_counts_them(self):
        hive = self.hive(COUNTER, buffer_size=20)
        POSTGRES.stop()
        try:
            manager = self.start(hive)
            wait_until(lambda: manager.metric("w4b_sensor_readings_dropped_total") >= 30, "30 readings are dropped")
            self.assertEqual(20, manager.metric("w4b_sensor_readings_buffered"))
        finally:
            POSTGRES.start()
        self.wait_until_back(manager)
        self.assertEqual(0, manager.terminate(), hive.log)
        # On a slow machine more may be dropped after the database is back; all of them are counted.
        rows = self.rows()
        self.assertEqual(sorted(set(rows)), rows)
        self.assertGreater(rows[0], 30)
        lost = re.search(r"Stopped: .*, (\d+) lost", hive.log)[1]
        self.assertEqual((len(hive.given) - len(rows), hive.given[-1]), (int(lost), rows[-1]))

    def test_without_the_unique_index_nothing_is_written_and_nothing_lost(self):
        POSTGRES.execute(self.database, "DROP INDEX sensor_readings_identity")
        hive = self.hive(COUNTER)
        manager = self.start(hive)
        self.wait_until_away(manager, kept=5)
        self.assertIn("no unique or exclusion constraint", hive.log)
        self.assertEqual([], self.rows())
        POSTGRES.execute(self.database, "CREATE UNIQUE INDEX ON sensor_readings (hive_id, sensor_id, metric_name, time DESC)")
        self.wait_until_back(manager)
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assertEqual(hive.given, self.rows())

    def test_a_reading_that_the_database_refuses_holds_up_no_other(self):
        POSTGRES.execute(self.database, "ALTER TABLE sensor_readings ADD CHECK (value <> 3)")
        metrics = Metrics()
        hive = self.hive([])
        configuration = read_configuration(hive.configuration)
        buffer = Buffer(hive.state / "readings.sqlite", 100)
        self.addCleanup(buffer.close)
        outbox = Outbox(configuration, buffer, Database(configuration.storage), metrics, Activity("writing"))
        outbox.keep([Reading(number, "hive_test", "s", "count", float(number), None, "valid") for number in range(1, 10)])
        outbox.keep([Reading(10, "hive_test", "s", "count\0", 10.0, None, "valid")])
        with self.assertLogs(level="ERROR"):
            outbox.drain()
        self.assertEqual([1, 2, 4, 5, 6, 7, 8, 9], self.rows())
        self.assertEqual((8, 2, 0), (metrics.total("w4b_sensor_readings_written_total"), metrics.total("w4b_sensor_readings_refused_total"), len(buffer)))
