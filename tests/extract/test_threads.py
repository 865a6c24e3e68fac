import threading
from collections.abc import Iterator
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.extract.threads import Task, in_order


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 40 * 1024 * 1024)), max_size=30),
    st.integers(1, 5),
)
def test_each_task_runs_once_and_results_are_in_order(
    plan: list[tuple[bool, int]], threads: int
) -> None:
    done: list[int] = []

    def act(number: int) -> int:
        done.append(number)
        return -number

    tasks = (
        Task(number, partial(act, number) if has_work else None, size)
        for number, (has_work, size) in enumerate(plan)
    )
    expected = [(n, -n if has_work else None) for n, (has_work, _) in enumerate(plan)]
    answers = in_order(tasks, threads)
    assert expected == list(answers)
    assert [n for n, (has_work, _) in enumerate(plan) if has_work] == sorted(done)


def test_tasks_run_in_parallel() -> None:
    meeting = threading.Barrier(4)
    tasks = (Task(number, lambda: meeting.wait(timeout=30)) for number in range(8))
    assert list(range(8)) == [number for number, _ in in_order(tasks, 4)]


@pytest.mark.parametrize(("size", "most"), [(0, 6), (32 * 1024 * 1024, 2)])
def test_no_more_tasks_are_drawn_than_needed(size: int, most: int) -> None:
    go = threading.Event()
    drawn: list[int] = []

    def wait(number: int) -> bool:
        drawn.append(number)
        if number < most:
            return go.wait(timeout=30)
        return True

    def tasks() -> Iterator[Task[int, bool]]:
        for number in range(1, 100):
            if number == most + 1:
                assert go.is_set()  # the task before it was awaited
            yield Task(number, partial(wait, number), size)

    threading.Timer(0.2, go.set).start()
    assert sum(1 for _ in in_order(tasks(), 3)) == 99


def test_an_error_is_raised_in_order_and_later_tasks_do_not_start() -> None:
    done: list[int] = []
    answered: list[int] = []

    def act(number: int) -> int:
        if number == 3:
            raise ValueError("three")
        done.append(number)
        return number

    def run() -> None:
        tasks = (Task(number, partial(act, number)) for number in range(1000))
        answered.extend(number for number, _ in in_order(tasks, 2))

    with pytest.raises(ValueError, match="three"):
        run()
    assert [0, 1, 2] == answered
    assert len(done) < 20


def test_threads_end_with_their_work() -> None:
    seen = set()

    def act() -> None:
        seen.add(threading.current_thread())

    list(in_order((Task(number, act) for number in range(10)), 4))
    assert 1 <= len(seen) <= 4
    for thread in seen:
        thread.join(timeout=30)
        assert not thread.is_alive()
