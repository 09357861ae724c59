"""Tells whether lines of JSON are in the one spelling that `rfc8785` from PyPI gives them."""

import argparse
import json
import sys
from pathlib import Path

import rfc8785

parser = argparse.ArgumentParser()
parser.add_argument("--lines", required=True)
lines = Path(parser.parse_args().lines).read_bytes().splitlines()
for at, line in enumerate(lines, 1):
    try:
        spelling = rfc8785.dumps(json.loads(line))
    except ValueError as error:
        sys.exit(f"refused: line {at}: {error}")
    if spelling != line:
        sys.exit(f"refused: line {at}")
print(f"{len(lines)} lines are canonical")
