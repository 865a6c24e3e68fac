"""Build the words of messages."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number and its noun: `1 file`, `2 files`.

    Args:
        count: The number.
        noun: The noun in the singular.
        plural: The irregular plural; by default the noun with an s.
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
