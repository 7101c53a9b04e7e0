"""The way of readings into the database: always over the buffer, so that there is one way to lose none."""

import logging
import sqlite3
import threading

from .activity import Activity
from .buffer import Buffer
from .configuration import Configuration
from .database import Database, Refused, Unavailable
from .metrics import Metrics
from .reading import Reading

# A database that is back is found within this time, however rarely sensors are read.
_LONGEST_PAUSE = 60.0

# A retry_delay of 0 must not become a busy loop.
_SHORTEST_PAUSE = 0.1


class Outbox:
    """Keeps readings and writes them, oldest first, when the database is there."""

    def __init__(self, configuration: Configuration, buffer: Buffer, database: Database, metrics: Metrics, activity: Activity) -> None:
        self._configuration = configuration
        self._buffer = buffer
        self._database = database
        self._metrics = metrics
        self._activity = activity
        self._stopping = threading.Event()
        self._news = threading.Event()
        # Why the database is away, as far as the log was told; None while it is there.
        self._away_because: str | None = None
        metrics.ask("w4b_sensor_readings_buffered", lambda: len(buffer))
        metrics.ask("w4b_sensor_readings_dropped_total", lambda: buffer.dropped)
        for family in ("w4b_sensor_readings_written_total", "w4b_sensor_readings_refused_total", "w4b_sensor_write_errors_total"):
            metrics.add(family, 0)
        metrics.set("w4b_sensor_database_up", 0)

    def keep(self, readings: list[Reading]) -> None:
        """On disk when it returns; to be written soon."""
        try:
            self._buffer.append(readings)
        except sqlite3.OperationalError as error:
            logging.error("%d readings are lost, the buffer cannot be written: %s", len(readings), error)
            self._metrics.add("w4b_sensor_write_errors_total")
        self._news.set()

    def run(self) -> None:
        """Until stop(); what is buffered then is tried once more if the database is there."""
        failures = 0
        while True:
            # In this order, which is the other way round in stop(): the news of its end cannot be cleared unseen.
            self._news.clear()
            if self._stopping.is_set():
                break
            if self.drain():
                failures = 0
                self._news.wait()
            else:
                failures += 1
                self._stopping.wait(self._pause(failures))
        if self._database.connected:
            self.drain()
        self._database.close()

    def stop(self) -> None:
        self._stopping.set()
        self._news.set()

    def drain(self) -> bool:
        """Writes all that is buffered; False when that did not succeed."""
        try:
            if not self._database.connected:
                with self._activity.step():
                    self._database.connect()
                logging.info("Connected to the database; %d readings wait for it.", len(self._buffer))
            while self._write_batch(self._configuration.batch_size):
                pass
            self._metrics.set("w4b_sensor_database_up", 1)
            self._away_because = None
            return True
        except Unavailable as error:
            self._metrics.set("w4b_sensor_database_up", 0)
            # Once a reason, not at each try: the journal is on the same card as the readings.
            level = logging.DEBUG if str(error) == self._away_because else logging.WARNING
            logging.log(level, "Readings are kept, the database cannot be written to: %s", error)
            self._away_because = str(error)
        except sqlite3.OperationalError as error:
            logging.error("The buffer cannot be read or written: %s", error)
        self._metrics.add("w4b_sensor_write_errors_total")
        return False

    def _pause(self, failures: int) -> float:
        delay = max(self._configuration.retry_delay, _SHORTEST_PAUSE)
        if failures <= self._configuration.retry_attempts:
            return delay
        return max(delay, min(self._configuration.interval, _LONGEST_PAUSE))

    def _write_batch(self, size: int) -> bool:
        """False when nothing is left."""
        readings = self._buffer.lend(size)
        if not readings:
            return False
        try:
            with self._activity.step():
                new = self._database.write(readings)
        except Refused as error:
            self._refused(readings, error)
        except BaseException:
            self._buffer.give_back()
            raise
        else:
            self._buffer.remove()
            self._metrics.add("w4b_sensor_readings_written_total", new)
        return True

    def _refused(self, readings: list[Reading], error: Refused) -> None:
        """One bad reading must hold up neither those in its batch nor all that come after."""
        if len(readings) > 1:
            self._buffer.give_back()
            for _ in readings:
                self._write_batch(1)
        else:
            logging.error("The database refuses %s: %s", readings[0], error)
            self._buffer.remove()
            self._metrics.add("w4b_sensor_readings_refused_total")
