"""The workspace of the stored databases: the example, and the edits between the runs."""

from pathlib import Path

DAILY = "daily-reports/md-output"
TRANSCRIPTS = "transcripts/markdown-output"
JAN = f"{DAILY}/rocks/daily-reports-Jan Carlo-Cruz-2025-10-27-to-2025-11-02.md"
MARK = f"{DAILY}/aicoach/daily-reports-Mark Jerome-Bundoc-2025-10-27-to-2025-11-02.md"
JOHN = f"{DAILY}/engagepath/daily-reports-John-Reyes-2025-10-27-to-2025-11-02.md"
STANDUP = f"{TRANSCRIPTS}/rocks/rocks standup 10-28-2025.md"
RETRO = f"{TRANSCRIPTS}/aicoach/aicoach_retro_10_29_2025.md"
_FIRST_TASK = "### Tasks Done\n\n"


def edit(workspace: Path, number: int) -> None:
    """Make the edits before run `number` of 5."""
    for path, text in _NEW_FILES.get(number, {}).items():
        (workspace / path).write_text(text)
    for path in _NEW_TASKS.get(number, ()):
        file = workspace / path
        text = file.read_text()
        assert _FIRST_TASK in text, path
        file.write_text(text.replace(_FIRST_TASK, f"{_FIRST_TASK}- Edit {number}\n", 1))


# Each file gets a task in its first day.
_NEW_TASKS = {2: [JAN], 4: [MARK, JAN], 5: [JOHN]}
_NEW_FILES = {
    2: {STANDUP: "# Standup\n\nAna: edited before the second run.\n"},
    4: {RETRO: "# Retro\n\nBen: edited before the fourth run.\n"},
    5: {f"{TRANSCRIPTS}/rocks/2025-11-03 planning.md": "# Planning\n\nNew before the fifth run.\n"},
}
LAST = 5


def edit_all(workspace: Path) -> None:
    """Edit the example up to the last state that the stored databases have seen."""
    for number in range(1, LAST + 1):
        edit(workspace, number)
