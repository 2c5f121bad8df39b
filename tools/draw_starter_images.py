"""Draws the pictures of the starter benchmark into the package: the same bytes at every run."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from starter_images.catalogue import PICTURES, differing, write

FOLDER = Path(__file__).resolve().parents[1] / "src/turnwise/benchmarks/starter/data/images"


def main() -> int:
    """Draw or check the pictures; the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="pictures to draw; all when none is named", metavar="NAME")
    parser.add_argument("--check", action="store_true", help="draw nothing, exit 1 naming the files that differ")
    parser.add_argument("--folder", type=Path, default=FOLDER, help="where the pictures lie")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(PICTURES))
    if unknown:
        parser.error(f"no such picture: {', '.join(unknown)}")
    names = options.names or list(PICTURES)
    if options.check:
        changed = differing(options.folder, names)
        print("\n".join(f"{name}.png differs" for name in changed) or f"{len(names)} pictures are as drawn")
        return 1 if changed else 0
    size_bytes = write(options.folder, names)
    print(f"{len(names)} pictures, {size_bytes / 1e6:.2f} MB in {options.folder}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
