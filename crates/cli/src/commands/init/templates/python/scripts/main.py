#!/usr/bin/env python3
"""Prints a greeting as JSON. Usage: main.py NAME"""

import argparse
import json


def greet(name: str) -> dict[str, str]:
    """Greets somebody by name."""
    return {"message": f"Hello, {name}!"}


def main() -> None:
    parser = argparse.ArgumentParser(description="Prints a greeting as JSON.")
    parser.add_argument("name", help="whom to greet")
    arguments = parser.parse_args()
    print(json.dumps(greet(arguments.name), ensure_ascii=False))


if __name__ == "__main__":
    main()
