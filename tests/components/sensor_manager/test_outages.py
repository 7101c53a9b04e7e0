"""A real PostgreSQL and the process, which both come and go: readings are there once and in order."""

import random
import re

from .database_case import DatabaseCase
from .manager import Hive, wait_until


class OutageTests(DatabaseCase):
    def test_readings_outlive_a_database_that_is_stopped(self):
        self.readings_outlive("fast")

    def test_readings_outlive_a_database_that_crashes(self):
        self.readings_outlive("immediate")

    def readings_outlive(self, end: str) -> None:
        hive = self.hive(self.COUNTER)
        manager = self.start(hive)
        for _ in range(2):
            self.wait_for_rows(5)
            self.postgres.stop(end)
            try:
                self.wait_until_away(manager, kept=20)
                self.assertEqual((200, "ok\n"), manager.get("/healthz"))
            finally:
                self.postgres.start()
            self.wait_until_back(manager)
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assertEqual(hive.given, self.rows())
        if not self.postgres.timescale:
            self.assertEqual(hive.given, self.rows(order="ctid"), "they were not written in order")

    def test_readings_kept_by_a_process_that_ended_are_written_by_the_next(self):
        hive = self.hive(self.COUNTER)
        self.postgres.stop()
        try:
            manager = self.start(hive)
            self.wait_until_away(manager, kept=20)
            self.assertEqual(0, manager.terminate(), hive.log)
        finally:
            self.postgres.start()
        self.assertEqual([], self.rows())
        manager = self.start(hive)
        self.wait_for_rows(21)
        self.assertEqual(0, manager.terminate(), hive.log)
        self.assertEqual(hive.given, self.rows())

    def test_killed_at_any_moment_it_loses_at_most_the_reading_that_it_was_taking(self):
        hive = self.hive(self.COUNTER, interval=0.01)
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
        hive = self.hive(self.COUNTER)
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
        hive = self.hive(self.COUNTER, buffer_size=20)
        self.postgres.stop()
        try:
            manager = self.start(hive)
            wait_until(lambda: manager.metric("w4b_sensor_readings_dropped_total") >= 30, "30 readings are dropped")
            self.assertEqual(20, manager.metric("w4b_sensor_readings_buffered"))
        finally:
            self.postgres.start()
        self.wait_until_back(manager)
        self.assertEqual(0, manager.terminate(), hive.log)
        # On a slow machine more may be dropped after the database is back; all of them are counted.
        rows = self.rows()
        self.assertEqual(sorted(set(rows)), rows)
        self.assertGreater(rows[0], 30)
        lost = re.search(r"Stopped: .*, (\d+) lost", hive.log)[1]
        self.assertEqual((len(hive.given) - len(rows), hive.given[-1]), (int(lost), rows[-1]))
