"""What the tests with a database have in common."""

import unittest
from typing import ClassVar

from .manager import Hive, Manager, wait_until
from .postgres import Postgres


class DatabaseCase(unittest.TestCase):
    """A cluster for the class, a database for each test."""

    tier = "build"

    # Its values are 1, 2, 3 and so on.
    COUNTER: ClassVar = [{"id": "counter", "type": "counter"}]

    postgres: ClassVar[Postgres]

    @classmethod
    def setUpClass(cls) -> None:
        cls.postgres = Postgres()
        cls.addClassCleanup(cls.postgres.remove)
        cls.postgres.start()

    def setUp(self) -> None:
        # PostgreSQL's names have 63 bytes at most.
        self.database = self.id().rpartition(".")[2][:60]
        self.postgres.create_database(self.database)

    def hive(self, sensors: list[dict], interval: float = 0.02, **collectors) -> Hive:
        hive = Hive(
            sensors=sensors, storage={"host": str(self.postgres.folder), "database": self.database, "username": "w4b"},
            # Tries are frequent, so that tests are short.
            collectors={"interval": interval, "batch_size": 7, "retry_attempts": 1, "retry_delay": 0.1, **collectors})
        self.addCleanup(hive.remove)
        return hive

    def start(self, hive: Hive, **how) -> Manager:
        manager = hive.start(**how)
        self.addCleanup(manager.remove)
        return manager

    def rows(self, columns: str = "value::int", order: str = "time") -> list:
        rows = self.postgres.execute(self.database, f"SELECT {columns} FROM sensor_readings ORDER BY {order}")
        return [row[0] for row in rows] if columns == "value::int" else rows

    def wait_for_rows(self, count: int) -> None:
        wait_until(lambda: len(self.rows()) >= count, f"the database has {count} readings")

    def wait_until_away(self, manager: Manager, kept: int) -> None:
        wait_until(lambda: manager.metric("w4b_sensor_database_up") == 0 and manager.metric("w4b_sensor_readings_buffered") >= kept,
                   f"the database is away and {kept} readings are kept")

    def wait_until_back(self, manager: Manager) -> None:
        # Not "nothing is buffered": readings go on.
        wait_until(lambda: manager.metric("w4b_sensor_database_up") == 1, "the database is back and has what was kept")
