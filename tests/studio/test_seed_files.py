"""Seeds edited in place: unchanged parts keep their bytes."""

import csv
import io
import shutil
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.errors import SettingsError
from loader.project import CORE
from loader.studio import seed_files
from loader.studio.seed_files import Added

# A byte order mark, superfluous quotes, a blank line, both line ends, and no final line end.
ODD = b'\xef\xbb\xbfalias,team\r\n"one","rocks"\n\ntwo,"rocks"\r\n"th""ree, x",rocks'


@pytest.fixture
def aliases(tmp_path: Path) -> Path:
    folder = tmp_path / "seeds"
    shutil.copytree(CORE / "seeds", folder)
    path = folder / "seed_team_aliases.csv"
    path.write_bytes(ODD)
    path.chmod(0o640)
    return path


def test_only_edited_rows_change(aliases: Path) -> None:
    file = seed_files.read(aliases)
    assert file.columns == ["alias", "team"]
    assert file.rows == [(1, ["one", "rocks"]), (3, ["two", "rocks"]), (4, ['th"ree, x', "rocks"])]
    assert seed_files.edited(file, dict(file.rows)) == ODD
    data = seed_files.edited(
        file,
        {1: ["1", "rocks"], 3: ["2, two", "rocks"]},
        frozenset({4}),
        [Added(("new", "ai-coach")), Added(("first", "rocks"), above=3)],
    )
    assert data == (
        b'\xef\xbb\xbfalias,team\r\n"1","rocks"\n\nfirst,rocks\r\n"2, two","rocks"\r\n'
        b"new,ai-coach\r\n"
    )
    seed_files.save(file, data)
    assert aliases.read_bytes() == data
    assert aliases.stat().st_mode & 0o777 == 0o640
    assert {each.suffix for each in aliases.parent.iterdir()} == {".csv"}


@given(
    st.lists(st.lists(st.text(max_size=5), min_size=2, max_size=2), max_size=5),
    st.sampled_from(["", "\n"]),
)
def test_any_cells_come_back(rows: list[list[str]], end: str) -> None:
    written = io.StringIO()
    csv.writer(written, lineterminator="\n", quoting=csv.QUOTE_ALL).writerows([["a", "b"], *rows])
    text = written.getvalue().removesuffix("\n") + end
    records = [*seed_files.records_of(text)]
    assert "".join(record.text for record in records) == text
    assert [record.cells for record in records] == [["a", "b"], *rows]


def test_a_file_that_has_changed_is_left_alone(aliases: Path) -> None:
    file = seed_files.read(aliases)
    data = seed_files.edited(file, {1: ["mine", "rocks"]})
    aliases.write_bytes(ODD + b"\nfour,rocks\n")
    with pytest.raises(SettingsError, match="has changed since it was shown"):
        seed_files.save(file, data)
    assert aliases.read_bytes().endswith(b"four,rocks\n")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (["one", "nobody"], r"seed_team_aliases.csv, line 2: no team 'nobody'"),
        (["two", "rocks"], "is there twice"),
        (["", "rocks"], "'alias' is empty"),
        ([" one", "rocks"], "begins or ends with a space"),
    ],
)
def test_a_seed_that_the_loader_would_refuse_is_not_written(
    aliases: Path, changed: list[str], said: str
) -> None:
    file = seed_files.read(aliases)
    with pytest.raises(SettingsError, match=said) as caught:
        seed_files.save(file, seed_files.edited(file, {1: changed}))
    assert "/tmp" not in str(caught.value)
    assert aliases.read_bytes() == ODD


def test_a_pattern_of_no_report_type(tmp_path: Path) -> None:
    shutil.copytree(CORE / "seeds", tmp_path / "seeds")
    file = seed_files.read(tmp_path / "seeds/seed_report_type_patterns.csv")
    with pytest.raises(SettingsError, match="no report type 'nothing'"):
        seed_files.save(file, seed_files.edited(file, {}, added=[Added(("x*", "nothing"))]))
