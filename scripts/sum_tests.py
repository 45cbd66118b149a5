#!/usr/bin/env python3
"""Adds up test results: TRX files of 'dotnet test' and TAP-like output of scripts.

    sum_tests.py FILE...     names of failed tests, reasons of skipped ones, then 'N passed, N failed, N skipped'

Exit 1 if a test failed, if a file holds no failed result although its run failed (then named FILE.failed), or if a file
holds no result at all: what ran nothing has proved nothing.
"""
import os
import re
import sys
import xml.etree.ElementTree as ElementTree

NAMESPACE = "{http://microsoft.com/schemas/VisualStudio/TeamTest/2010}"
TAP = re.compile(r"^(not ok|ok)\s+(?:\d+\s+)?(?:-\s+)?(.*?)(?:\s+#\s*(SKIP)\b\s*(.*))?$", re.IGNORECASE)


def of_trx(path):
    for result in ElementTree.parse(path).iter(NAMESPACE + "UnitTestResult"):
        outcome = result.get("outcome", "NotExecuted")
        message = result.find(f"{NAMESPACE}Output/{NAMESPACE}ErrorInfo/{NAMESPACE}Message")
        output = result.find(f"{NAMESPACE}Output/{NAMESPACE}StdOut")
        text = next((node.text for node in (message, output) if node is not None and node.text), "no reason given")
        state = {"Passed": "passed", "NotExecuted": "skipped"}.get(outcome, "failed")
        yield state, result.get("testName"), text.strip()


def of_tap(path):
    with open(path, encoding="utf-8", errors="replace") as file:
        for line in file:
            if match := TAP.match(line.rstrip()):
                state = "skipped" if match[3] else "failed" if match[1].lower() == "not ok" else "passed"
                yield state, match[2], match[4] or "see its output above"


def main():
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    reports = {"failed": [], "skipped": []}
    for path in sys.argv[1:]:
        failed_before, all_before = counts["failed"], sum(counts.values())
        if os.path.exists(path):
            for state, name, text in of_trx(path) if path.endswith(".trx") else of_tap(path):
                counts[state] += 1
                if state in reports:
                    reports[state].append((name, text))
        if os.path.exists(path + ".failed") and counts["failed"] == failed_before:
            counts["failed"] += 1
            reports["failed"].append((os.path.basename(path), "the run failed without saying which test"))
        elif sum(counts.values()) == all_before:
            counts["failed"] += 1
            reports["failed"].append((os.path.basename(path), "the run told of no test"))
    for name, text in reports["skipped"]:
        print(f"skipped: {name}: {text.splitlines()[0]}")
    for name, text in reports["failed"]:
        print(f"FAILED: {name}\n    " + "\n    ".join(text.splitlines()[:12]))
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main())
