#!/usr/bin/env python3
"""Finds relative links and anchors in Markdown files that lead nowhere."""

import argparse
import functools
import pathlib
import re
import sys
import urllib.parse

FENCE = re.compile(r"^ {0,3}(```+|~~~+)")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")
HEADING = re.compile(r"^ {0,3}#{1,6}\s+(.*?)\s*#*\s*$")
# [text](target "title"), ![text](<target>) and [label]: target
LINK = re.compile(r"\]\(\s*(<[^>]*>|[^\s()]*(?:\([^\s()]*\)[^\s()]*)*)[^)]*\)|^ {0,3}\[[^\]]+\]:\s*(\S+)")
SCHEME = re.compile(r"^([a-zA-Z][a-zA-Z0-9+.-]*:|//)")


def prose(path):
    """The numbered lines of a file that are not in a fenced block."""
    fence = None
    with open(path, encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            mark = FENCE.match(line)
            if fence is None and not mark:
                yield number, line.rstrip("\n")
            elif fence is None:
                fence = mark[1]
            elif mark and mark[1].startswith(fence):
                fence = None


def anchor(heading):
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", heading)
    text = re.sub(r"[^\w\- ]", "", text.lower())
    return text.replace(" ", "-")


@functools.cache
def anchors(path):
    """The anchors of a file's headings, and those that it sets itself."""
    found, seen = set(), {}
    for _, line in prose(path):
        found.update(re.findall(r"""<[a-z]+\s[^>]*\b(?:id|name)=["']([^"']+)""", line))
        heading = HEADING.match(line)
        if heading:
            name = anchor(heading[1])
            count = seen[name] = seen.get(name, -1) + 1
            found.add(f"{name}-{count}" if count else name)
    return found


def check(path):
    """A line for each link of `path` that leads nowhere."""
    for number, line in prose(path):
        for match in LINK.finditer(CODE.sub("", line)):
            target = (match[1] or match[2] or "").strip("<>")
            if not target or target.startswith("/") or SCHEME.match(target):
                continue
            name, _, fragment = target.partition("#")
            name, fragment = (urllib.parse.unquote(part) for part in (name.split("?")[0], fragment))
            file = path.parent / name if name else path
            if not file.exists():
                yield f"{path}:{number}: missing file: {target}"
            elif fragment and file.suffix == ".md" and fragment not in anchors(file):
                yield f"{path}:{number}: missing heading: {target}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", nargs="+", type=pathlib.Path)
    broken = 0
    try:
        for path in parser.parse_args().path:
            for file in sorted(path.rglob("*.md")) if path.is_dir() else [path]:
                for problem in check(file):
                    print(problem)
                    broken += 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"linkcheck.py: {error}", file=sys.stderr)
        return 2
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main())
