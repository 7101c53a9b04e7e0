"""Readings that wait on disk."""

import sqlite3
import tempfile
import unittest
from pathlib import Path
from unittest import mock

from w4b_sensor_manager.buffer import Buffer
from w4b_sensor_manager.reading import Reading

_connect = sqlite3.connect


def readings(*numbers: int) -> list[Reading]:
    return [Reading(number, "hive_a", "s", "count", float(number), None, "valid") for number in numbers]


class BufferTests(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.file = Path(folder.name) / "readings.sqlite"

    def open(self, limit: int = 100) -> Buffer:
        buffer = Buffer(self.file, limit)
        self.addCleanup(buffer.close)
        return buffer

    def test_what_goes_in_comes_out_in_order_and_unchanged(self):
        buffer = self.open()
        mixed = [Reading(2, "hive_a", "b", "value", None, "°C", "invalid"), *readings(1)]
        buffer.append(mixed)
        self.assertEqual(mixed, buffer.lend(10))
        self.assertEqual(2, len(buffer))

    def test_what_was_lent_and_not_removed_is_there_after_a_crash(self):
        buffer = self.open()
        buffer.append(readings(1, 2, 3))
        buffer.lend(2)
        buffer.close()
        again = self.open()
        self.assertEqual((3, readings(1, 2, 3)), (len(again), again.lend(10)))

    def test_remove_takes_what_was_lent_and_no_more(self):
        buffer = self.open()
        buffer.append(readings(1, 2, 3))
        buffer.lend(2)
        buffer.append(readings(4))
        buffer.remove()
        self.assertEqual((readings(3, 4), 2, 0), (buffer.lend(10), len(buffer), buffer.dropped))

    def test_the_oldest_go_and_are_counted(self):
        buffer = self.open(limit=3)
        buffer.append(readings(1, 2))
        buffer.append(readings(3, 4, 5))
        self.assertEqual((readings(3, 4, 5), 3, 2), (buffer.lend(10), len(buffer), buffer.dropped))

    def test_what_goes_while_it_is_being_written_is_lost_only_if_the_writing_fails(self):
        for written, dropped in ((True, 1), (False, 3)):
            with self.subTest(written=written):
                self.file.unlink(missing_ok=True)
                buffer = self.open(limit=3)
                buffer.append(readings(1, 2, 3))
                buffer.lend(2)
                buffer.append(readings(4, 5, 6))
                (buffer.remove if written else buffer.give_back)()
                self.assertEqual((dropped, 3, readings(4, 5, 6)), (buffer.dropped, len(buffer), buffer.lend(10)))
                buffer.close()

    def test_a_bound_that_has_become_smaller_counts_at_once(self):
        buffer = self.open()
        buffer.append(readings(1, 2, 3))
        buffer.close()
        smaller = self.open(limit=2)
        self.assertEqual((readings(2, 3), 2, 1), (smaller.lend(10), len(smaller), smaller.dropped))

    def test_a_damaged_file_is_put_aside(self):
        damage = b"nothing that sqlite wrote" * 100
        self.file.write_bytes(damage)
        with self.assertLogs(level="ERROR"):
            buffer = self.open()
        buffer.append(readings(1))
        self.assertEqual((readings(1), damage), (buffer.lend(1), self.file.with_suffix(".damaged").read_bytes()))

    def test_two_processes_cannot_have_it(self):
        self.open()
        with mock.patch("w4b_sensor_manager.buffer.sqlite3.connect", lambda path, timeout, **rest: _connect(path, timeout=0, **rest)), \
             self.assertRaisesRegex(sqlite3.OperationalError, "readings.sqlite: database is locked"):
            Buffer(self.file, 100)

    def test_what_a_full_disk_does_not_take_is_counted(self):
        buffer = self.open()
        buffer.append(readings(1))
        buffer._file.execute("PRAGMA query_only=1")  # pylint: disable=protected-access
        with self.assertRaises(sqlite3.OperationalError):
            buffer.append(readings(2, 3))
        self.assertEqual((1, 2), (len(buffer), buffer.dropped))
