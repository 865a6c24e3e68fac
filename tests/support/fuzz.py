"""Fuzz a parser, guided by its coverage: python -m tests.support.fuzz PARSER -runs=N -seed=S."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import atheris

with atheris.instrument_imports(include=["loader"]):
    from tests.support.properties import PARSERS, SEEDS


def main() -> None:
    """Start with the seeds; end with a traceback at the first input that violates the property."""
    name, *options = sys.argv[1:]
    with TemporaryDirectory() as folder:
        for number, seed in enumerate(SEEDS[name]):
            Path(folder, str(number)).write_text(seed)
        atheris.Setup([sys.argv[0], *options, folder], PARSERS[name])
        atheris.Fuzz()


if __name__ == "__main__":
    main()
