"""How many persons that a model was selected or measured on had been trained on before.

`python -m benchmarks.overlap MODEL...` reads each model's config.json, which records the persons of every part and
those that the models before it were trained on. Under the deck's protocol a person can be in training and validation.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from facesketch.hub.weights_io import load_config
from facesketch.models.config import PersonHashes


def overlaps(persons: PersonHashes, part: str, trained_on: frozenset[str]) -> str:
    """How many persons of a part are in trained_on: "3 of 80"."""
    there = set(getattr(persons, part).split())
    return f"{len(there & trained_on)} of {len(there)}"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+", type=Path, help="folders with a config.json")
    parser.add_argument("--persons-of", type=Path, help="a model whose persons are counted instead of each model's own")
    options = parser.parse_args()
    other = load_config(options.persons_of, options.persons_of.as_posix()).origin if options.persons_of else None
    print("| model | direction | preset | validation persons trained on | test persons trained on |")
    print("|---|---|---|---|---|")
    for folder in options.models:
        for direction, origin in load_config(folder, folder.as_posix()).provenance.items():
            cells = [folder.as_posix(), direction, origin.preset]
            persons = (other or origin).persons
            cells += [overlaps(persons, part, origin.persons.trained_on) for part in ("val", "test")]
            print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
