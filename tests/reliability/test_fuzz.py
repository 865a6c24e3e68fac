"""Case 40: each parser on the inputs of a fuzzer."""

import importlib.util
import re
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.support.project import ROOT
from tests.support.properties import PARSERS, SEEDS

RUNS = dict.fromkeys(PARSERS, 100_000) | {"daily_report": 500_000}  # over a million in all


@pytest.mark.parametrize("name", PARSERS)
def test_40_hypothesis(name: str) -> None:
    words = re.findall(r"\w+|\W", "\n".join(SEEDS[name]))
    texts = st.lists(st.sampled_from(words) | st.text(max_size=5)).map("".join)

    @settings(max_examples=settings().max_examples * 3 // 2)
    @given(texts.map(str.encode) | st.binary())
    def holds(data: bytes) -> None:
        PARSERS[name](data)

    holds()


@pytest.mark.skipif(
    not importlib.util.find_spec("atheris"), reason="atheris has no wheel for this platform"
)
@pytest.mark.parametrize("name", PARSERS)
def test_40_guided_by_coverage(name: str, request: pytest.FixtureRequest, tmp_path: Path) -> None:
    runs = RUNS[name] if request.config.getoption("--chaos") else 1_000
    seed = request.config.getoption("--seed")
    options = [f"-runs={runs}", f"-seed={seed}", "-max_len=4096", f"-artifact_prefix={tmp_path}/"]
    command = [sys.executable, "-m", "tests.support.fuzz", name, *options]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, f"Done {runs} runs" in ended.stderr) == (0, True), ended.stderr
