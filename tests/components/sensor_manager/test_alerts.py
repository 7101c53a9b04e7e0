"""When values are well, by what was seen before."""

import unittest

from w4b_sensor_manager.alerts import AlertWatch
from w4b_sensor_manager.configuration import Alert


class AlertTests(unittest.TestCase):
    def test_bounds_are_well(self):
        watch = AlertWatch((Alert("weight", 10, 80, 0, None),))
        for value, broken in {10: (False, False), 80: (False, False), 9.9: (True, False), 80.1: (False, True)}.items():
            self.assertEqual({"min": broken[0], "max": broken[1]}, watch.update("weight", value, 0))

    def test_being_outside_counts_once_it_has_lasted(self):
        watch = AlertWatch((Alert("weight", None, 80, 300, None),))
        values = [(0, 90), (299, 90), (300, 90), (310, 70), (320, 90), (619, 90), (620, 90)]
        broken = [watch.update("weight", value, now)["max"] for now, value in values]
        self.assertEqual([False, False, True, False, False, False, True], broken)

    def test_change_is_by_the_minute(self):
        watch = AlertWatch((Alert("weight", None, None, 0, 2.5),))
        values = [(0, 40), (60, 42.5), (90, 44), (150, 44), (150, 50)]
        broken = [watch.update("weight", value, now)["rate_of_change"] for now, value in values]
        self.assertEqual([False, False, True, False, False], broken)

    def test_an_alert_is_for_its_metric(self):
        self.assertEqual({}, AlertWatch((Alert("weight", 10, None, 0, None),)).update("temperature", 0, 0))

    def test_of_two_alerts_with_one_rule_the_stricter_counts(self):
        watch = AlertWatch((Alert("weight", None, 50, 0, None), Alert("weight", None, 80, 0, None)))
        self.assertEqual({"max": True}, watch.update("weight", 60, 0))
