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
        self._dropped_told = 0
        for family in ("written_total", "dropped_total", "refused_total"):
            metrics.add(f"w4b_sensor_readings_{family}", 0)
        metrics.add("w4b_sensor_write_errors_total", 0)
        self._tell()

    def keep(self, readings: list[Reading]) -> None:
        """On disk when it returns; to be written soon."""
        try:
            self._buffer.append(readings)
        except sqlite3.OperationalError as error:
            logging.error("%d readings are lost, the buffer cannot be written: %s", len(readings), error)
            self._metrics.add("w4b_sensor_write_errors_total")
            self._metrics.add("w4b_sensor_readings_dropped_total", len(readings))
        self._tell()
        self._news.set()

    def run(self) -> None:
        """Until stop(); what is buffered then is tried once more if the database is there."""
        failures = 0
        while not self._stopping.is_set():
            self._news.clear()
            if self._try_to_drain():
                failures = 0
                self._news.wait()
            else:
                failures += 1
                self._stopping.wait(self._pause(failures))
        if self._database.connected:
            self._try_to_drain()
        self._database.close()

    def stop(self) -> None:
        self._stopping.set()
        self._news.set()

    def _pause(self, failures: int) -> float:
        delay = max(self._configuration.retry_delay, _SHORTEST_PAUSE)
        if failures <= self._configuration.retry_attempts:
            return delay
        return max(delay, min(self._configuration.interval, _LONGEST_PAUSE))

    def _try_to_drain(self) -> bool:
        up = self._database.connected
        try:
            with self._activity.step():
                self._database.connect()
            self._metrics.set("w4b_sensor_database_up", 1)
            if not up:
                logging.info("The database is there; %d readings wait for it.", len(self._buffer))
            while self._write_batch(self._configuration.batch_size):
                pass
            return True
        except Unavailable as error:
            was_up = self._metrics.set("w4b_sensor_database_up", 0)
            # Once, not at each try: the journal is on the same card as the readings.
            logging.log(logging.WARNING if was_up or not self._metrics.total("w4b_sensor_write_errors_total") else logging.DEBUG,
                        "The database is not there, readings are kept: %s", error)
        except sqlite3.OperationalError as error:
            logging.error("The buffer cannot be read or written: %s", error)
        self._metrics.add("w4b_sensor_write_errors_total")
        return False

    def _write_batch(self, size: int) -> bool:
        """False when nothing is left."""
        with self._activity.step():
            readings = self._buffer.lend(size)
            if not readings:
                return False
            try:
                self._metrics.add("w4b_sensor_readings_written_total", self._database.write(readings))
            except Refused as error:
                if len(readings) == 1:
                    logging.error("The database refuses %s: %s", readings[0], error)
                    self._metrics.add("w4b_sensor_readings_refused_total")
                    self._buffer.remove()
            except BaseException:
                self._buffer.give_back()
                raise
            else:
                self._buffer.remove()
        self._tell()
        return True

    def _tell(self) -> None:
        dropped = self._buffer.dropped
        self._metrics.add("w4b_sensor_readings_dropped_total", dropped - self._dropped_told)
        self._dropped_told = dropped
        self._metrics.set("w4b_sensor_readings_buffered", len(self._buffer))
