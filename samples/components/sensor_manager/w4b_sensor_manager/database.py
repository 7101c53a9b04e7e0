"""The hive's database."""

from datetime import UTC, datetime, timedelta

import psycopg2
from psycopg2.extras import execute_values

from .configuration import Storage
from .reading import Reading

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

# The conflict's columns are named, so that a table without the unique index is an error and not a source of readings that are there twice.
_INSERT = """INSERT INTO sensor_readings (time, hive_id, sensor_id, metric_name, value, unit, status) VALUES %s
ON CONFLICT (hive_id, sensor_id, metric_name, time) DO NOTHING"""

# libpq's names. A reading leaves the buffer when its commit returns, so that commit must be on disk, whatever the server's default is.
_OPTIONS = {
    "application_name": "w4b-sensor-manager",
    "connect_timeout": 10,
    "tcp_user_timeout": 30000,
    "options": "-c synchronous_commit=on -c statement_timeout=30000",
}


class Unavailable(Exception):
    """The database cannot be written to now. Whether a commit that was under way came through is not known."""


class Refused(Exception):
    """The database answers, but does not take these readings, and never will."""


class Database:
    """A connection that is made when it is needed."""

    def __init__(self, storage: Storage) -> None:
        self._parameters = {
            "port": storage.port,
            "dbname": storage.database,
            "user": storage.username,
            "sslmode": storage.ssl_mode,
            # Without a host libpq takes the socket, where the account itself is the proof of who it is.
            **({} if storage.host == "localhost" else {"host": storage.host}),
            **_OPTIONS,
        }
        self._connection: psycopg2.extensions.connection | None = None

    @property
    def connected(self) -> bool:
        return self._connection is not None

    def connect(self) -> None:
        """Does nothing when connected. Raises Unavailable."""
        if self._connection is None:
            try:
                self._connection = psycopg2.connect(**self._parameters)
            except psycopg2.Error as error:
                raise Unavailable(str(error).strip()) from error

    def write(self, readings: list[Reading]) -> int:
        """All of them or none, in one transaction; returns how many were new. Raises Unavailable or Refused."""
        self.connect()
        rows = [(_EPOCH + timedelta(microseconds=r.time_us), r.hive_id, r.sensor_id, r.metric_name, r.value, r.unit, r.status)
                for r in readings]
        try:
            with self._connection, self._connection.cursor() as cursor:
                execute_values(cursor, _INSERT, rows, page_size=len(rows))
                new = cursor.rowcount
            return new
        except (psycopg2.DataError, psycopg2.IntegrityError, ValueError, OverflowError) as error:
            raise Refused(str(error).strip()) from error
        except psycopg2.Error as error:
            self.close()
            raise Unavailable(str(error).strip()) from error

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
