"""How the tests in Python end: unittest's main, and a line for every test that was
skipped, which scripts/check_skips reads from CTest's log."""

import sys
import unittest

SKIPPED = 77  # to CTest: nothing was tested


def main():
    result = unittest.main(module="__main__", exit=False, verbosity=2).result
    for test, why in result.skipped:
        print(f"skipped: {test.id().replace('__main__.', '')}: {why}")
    if not result.wasSuccessful():
        sys.exit(1)
    sys.exit(SKIPPED if result.testsRun == len(result.skipped) else 0)
