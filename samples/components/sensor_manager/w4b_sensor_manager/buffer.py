"""Readings on disk that the database does not have yet."""

import logging
import sqlite3
import threading
from pathlib import Path

from .reading import Reading

_COLUMNS = "time_us, hive_id, sensor_id, metric_name, value, unit, status"

# AUTOINCREMENT: an id is never used twice, so "up to this id" always means the same readings.
_TABLE = f"""CREATE TABLE IF NOT EXISTS readings (
    id INTEGER PRIMARY KEY AUTOINCREMENT, {_COLUMNS.replace('value', 'value REAL')})"""


class Buffer:
    """
    A bounded queue in a file; for any thread, but one process. What append() took survives the process and a power cut.

    The queue's head is lent to be written, and removed only after the database has it: a crash in between writes it again, which the
    database's unique index makes nothing. When the bound is reached the oldest go, lent or not. Raises sqlite3.OperationalError when the
    disk is full or failing.
    """

    def __init__(self, file: Path, limit: int) -> None:
        self._lock = threading.Lock()
        self._limit = limit
        self._lent_to = 0
        self._lost_while_lent = 0
        self._file = _open_or_replace(file)
        with self._lock, self._file:
            length: int = self._file.execute("SELECT count(*) FROM readings").fetchone()[0]
            # The bound may have been another before.
            self._dropped = self._trim(length)[0]
            self._length = length - self._dropped

    def __len__(self) -> int:
        return self._length

    @property
    def dropped(self) -> int:
        """Readings that were lost before they were written, since the buffer was opened."""
        return self._dropped

    def append(self, readings: list[Reading]) -> None:
        with self._lock:
            length = self._length + len(readings)
            try:
                with self._file:
                    self._file.executemany(f"INSERT INTO readings ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?)", [
                        (r.time_us, r.hive_id, r.sensor_id, r.metric_name, r.value, r.unit, r.status) for r in readings])
                    gone, lent = self._trim(length)
            except sqlite3.Error:
                self._dropped += len(readings)
                raise
            self._length = length - gone
            self._lost_while_lent += lent
            self._dropped += gone - lent

    def lend(self, count: int) -> list[Reading]:
        """The oldest readings, at most `count`. Then comes either remove() or give_back()."""
        with self._lock:
            rows = self._file.execute(f"SELECT id, {_COLUMNS} FROM readings ORDER BY id LIMIT ?", (count,)).fetchall()
            self._lent_to = rows[-1][0] if rows else 0
            return [Reading(*row[1:]) for row in rows]

    def remove(self) -> None:
        """What was lent is in the database."""
        with self._lock:
            with self._file:
                self._length -= self._file.execute("DELETE FROM readings WHERE id <= ?", (self._lent_to,)).rowcount
            self._lent_to = self._lost_while_lent = 0

    def give_back(self) -> None:
        """What was lent was not written. What went meanwhile is lost after all."""
        with self._lock:
            self._dropped += self._lost_while_lent
            self._lent_to = self._lost_while_lent = 0

    def close(self) -> None:
        with self._lock:
            self._file.close()

    def _trim(self, length: int) -> tuple[int, int]:
        """Removes what is too much of `length` readings; returns how many that were, and how many of them are lent."""
        excess = length - self._limit
        if excess <= 0:
            return 0, 0
        last = self._file.execute("SELECT id FROM readings ORDER BY id LIMIT 1 OFFSET ?", (excess - 1,)).fetchone()[0]
        lent = self._file.execute("SELECT count(*) FROM readings WHERE id <= ?", (min(last, self._lent_to),)).fetchone()[0]
        self._file.execute("DELETE FROM readings WHERE id <= ?", (last,))
        return excess, lent


def _open_or_replace(path: Path) -> sqlite3.Connection:
    try:
        return _open(path)
    except sqlite3.OperationalError as error:
        # Full, not writable, or another process has it: nothing that a new file would mend.
        raise sqlite3.OperationalError(f"{path}: {error}") from error
    except sqlite3.DatabaseError as error:
        # An SD card lost something. The hive's next readings are worth more than a manager that will not start.
        aside = path.with_suffix(".damaged")
        logging.error("%s is damaged (%s). It is now %s, and a new one begins.", path, error, aside)
        path.replace(aside)
        for name in ("-wal", "-journal"):
            path.with_name(path.name + name).unlink(missing_ok=True)
        return _open(path)


def _open(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, timeout=5, check_same_thread=False)
    try:
        # One process alone: two would read the same sensors. FULL: a reading that was kept is on the card, whatever happens to the power.
        for setting in ("locking_mode=EXCLUSIVE", "journal_mode=WAL", "synchronous=FULL"):
            connection.execute(f"PRAGMA {setting}")
        connection.execute(_TABLE)
        finding = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
        if finding != "ok":
            raise sqlite3.DatabaseError(finding)
    except sqlite3.Error:
        connection.close()
        raise
    return connection
