#!/usr/bin/env python3
"""Summarises a CSV file column by column, in one pass and in constant memory."""

import argparse
import csv
import datetime
import json
import math
import sys


class Column:
    """What is known about one column so far."""

    def __init__(self, name):
        self.name = name
        self.present = 0
        self.missing = 0
        # Every type that all values so far could be, the most telling first.
        self.types = ["integer", "number", "date", "text"]
        self.ranges = {}
        self.total = 0.0

    def add(self, text):
        text = text.strip()
        if not text:
            self.missing += 1
            return
        self.present += 1
        for kind in list(self.types):
            try:
                value = PARSERS[kind](text)
            except (ValueError, OverflowError):
                self.types.remove(kind)
                continue
            low, high = self.ranges.get(kind, (value, value))
            self.ranges[kind] = (min(low, value), max(high, value))
            if kind == "number":
                self.total += value

    def summary(self):
        result = {"column": self.name, "type": "empty", "values": self.present, "missing": self.missing}
        if self.present:
            kind = self.types[0]
            low, high = self.ranges[kind]
            result["type"] = kind
            result["min"], result["max"] = (str(low), str(high)) if kind == "date" else (low, high)
            if kind in ("integer", "number"):
                result["mean"] = round(self.total / self.present, 6)
        return result


def finite(text):
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(text)
    return value


PARSERS = {"integer": int, "number": finite, "date": datetime.date.fromisoformat, "text": str}


def summarise(lines):
    """The number of rows, of ragged rows, and a summary of each column."""
    first = next(lines, "")
    separator = max(",;\t|", key=first.count)
    header = next(csv.reader([first], delimiter=separator), [])
    if not any(name.strip() for name in header):
        raise ValueError("there is no header line")
    columns = [Column(name.strip()) for name in header]
    rows = ragged = 0
    for row in csv.reader(lines, delimiter=separator):
        if not row:
            continue
        rows += 1
        ragged += len(row) != len(columns)
        for index, column in enumerate(columns):
            column.add(row[index] if index < len(row) else "")
    return {"rows": rows, "ragged": ragged, "columns": [column.summary() for column in columns]}


def table(result):
    fields = ["column", "type", "values", "missing", "min", "max", "mean"]
    lines = [fields]
    for column in result["columns"]:
        lines.append([str(column.get(field, "")) for field in fields])
    widths = [min(32, max(len(line[i]) for line in lines)) for i in range(len(fields))]
    for line in lines:
        cells = (cell[:width].ljust(width) for cell, width in zip(line, widths))
        print("  ".join(cells).rstrip())
    print(f"{result['rows']} rows, {result['ragged']} ragged")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("file")
    parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
    arguments = parser.parse_args()
    try:
        with open(arguments.file, newline="", encoding="utf-8-sig") as lines:
            result = summarise(lines)
    except (OSError, ValueError, csv.Error) as error:
        print(f"summary.py: {arguments.file}: {error}", file=sys.stderr)
        return 2
    if arguments.json:
        json.dump(result, sys.stdout, indent=2)
        print()
    else:
        table(result)
    return 0


if __name__ == "__main__":
    sys.exit(main())
