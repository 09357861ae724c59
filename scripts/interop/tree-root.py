"""Prints the roots that pymerkle finds for the first records of a file, a line of hex for each."""

import argparse

from pymerkle import InmemoryTree

parser = argparse.ArgumentParser()
parser.add_argument("--records", required=True)
parser.add_argument("--sizes", required=True)
given = parser.parse_args()

tree = InmemoryTree(algorithm="sha256")
with open(given.records) as lines:
    for line in lines:
        tree.append_entry(bytes.fromhex(line))
for size in given.sizes.split(","):
    print(tree.get_root(int(size)).hex())
