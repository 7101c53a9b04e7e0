"""What arrives in a real PostgreSQL, and what must not."""

from w4b_sensor_manager.activity import Activity
from w4b_sensor_manager.buffer import Buffer
from w4b_sensor_manager.configuration import read_configuration
from w4b_sensor_manager.database import Database
from w4b_sensor_manager.metrics import Metrics
from w4b_sensor_manager.outbox import Outbox
from w4b_sensor_manager.reading import Reading

from .database_case import DatabaseCase
from .manager import wait_until


class DatabaseTests(DatabaseCase):
    def test_readings_arrive(self):
        alert = {"metric": "pressure", "min": 2000}
        hive = self.hive([{"id": "scale", "type": "hx711"}, {"id": "climate", "type": "bme280", "alerts": [alert]}], interval=3600)
        manager = self.start(hive)
        self.wait_for_rows(4)
        recent = "time BETWEEN now() - interval '1 minute' AND now()"
        self.assertEqual([
            ("hive_test", "climate", "humidity", "%", "valid", True), ("hive_test", "climate", "pressure", "hPa", "alert", True),
            ("hive_test", "climate", "temperature", "°C", "valid", True), ("hive_test", "scale", "weight", "kg", "valid", True),
        ], self.rows(f"hive_id, sensor_id, metric_name, unit, status, {recent}", "sensor_id, metric_name"))
        wait_until(lambda: manager.metric("w4b_sensor_readings_written_total") == 4, "the metrics tell of four readings")
        self.assertEqual(1, manager.metric("w4b_sensor_database_up"))
        value, = self.postgres.execute(self.database, "SELECT value FROM sensor_readings WHERE sensor_id = 'scale'")[0]
        self.assertEqual(value, manager.metric('w4b_sensor_value{metric_name="weight",sensor_id="scale",unit="kg"}'))

    def test_terminated_it_leaves_nothing_behind(self):
        hive = self.hive(self.COUNTER)
        manager = self.start(hive)
        self.wait_for_rows(5)
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assertEqual(hive.given, self.rows())

    def test_without_the_unique_index_nothing_is_written_and_nothing_lost(self):
        self.postgres.execute(self.database, "DROP INDEX sensor_readings_identity")
        hive = self.hive(self.COUNTER)
        manager = self.start(hive)
        self.wait_until_away(manager, kept=5)
        self.assertIn("no unique or exclusion constraint", hive.log)
        self.assertEqual([], self.rows())
        self.postgres.execute(self.database, "CREATE UNIQUE INDEX ON sensor_readings (hive_id, sensor_id, metric_name, time DESC)")
        self.wait_until_back(manager)
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assertEqual(hive.given, self.rows())

    def test_a_reading_that_the_database_refuses_holds_up_no_other(self):
        self.postgres.execute(self.database, "ALTER TABLE sensor_readings ADD CHECK (value <> 3)")
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
        counts = [metrics.total(f"w4b_sensor_readings_{what}") for what in ("written_total", "refused_total", "buffered")]
        self.assertEqual([8, 2, 0], counts)
