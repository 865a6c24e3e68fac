"""Words of messages."""


def counted(count: int, noun: str, plural: str = "") -> str:
    """Return a number and its noun: `1 file`, `2 files`.

    Args:
        count: How many.
        noun: The singular.
        plural: The plural, if it is not the singular with an s.
    """
    return f"{count:,} {noun if count == 1 else plural or f'{noun}s'}"
