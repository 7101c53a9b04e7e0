#!/usr/bin/env python3
"""
Runs the tests of the sample components: `run.py [--tier fast|build] [--counters FILE]`; both tiers by default.
`build` are those with a database.

The counters are written in the words of the .trx files that `dotnet test` writes, so that eng/test.sh adds both up in one way.
"""

import argparse
import os
import sys
import unittest
from collections.abc import Iterator
from pathlib import Path

# Before the components are imported: their folders hold sources only.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

HERE = Path(__file__).resolve().parent


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--tier", choices=("fast", "build"))
    parser.add_argument("--counters", type=Path)
    arguments = parser.parse_args()
    tests = [test for test in _tests(unittest.defaultTestLoader.discover(str(HERE), top_level_dir=str(HERE)))
             if arguments.tier in (None, getattr(test, "tier", "fast"))]
    result = unittest.TextTestRunner(verbosity=2, resultclass=_Result).run(unittest.TestSuite(tests))
    if arguments.counters:
        # What did not come to run, because the preparation of its module failed, has failed.
        failed = len(tests) - result.passed - len(result.skipped)
        arguments.counters.write_text(f'<Counters total="{len(tests)}" passed="{result.passed}" failed="{failed}" />\n', encoding="utf-8")
    return 0 if result.wasSuccessful() else 1


class _Result(unittest.TextTestResult):
    """Counts tests as people do: one that fails in several subtests has failed once."""

    passed = 0

    def addSuccess(self, test: unittest.TestCase) -> None:  # pylint: disable=invalid-name
        super().addSuccess(test)
        self.passed += 1


def _tests(suite: unittest.TestSuite) -> Iterator[unittest.TestCase]:
    for item in suite:
        if isinstance(item, unittest.TestSuite):
            yield from _tests(item)
        else:
            yield item


if __name__ == "__main__":
    sys.exit(main())
