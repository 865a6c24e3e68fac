from benchmarks.model import Assumed, Measured, extrapolate


def test_twice_the_files_take_twice_as_much_and_twice_the_cores_half_the_time() -> None:
    measured = Measured(0.001, 6, 2000, 20, 700, 5000, 0.0001)

    def table(**assumed: int) -> dict[str, str]:
        rows = extrapolate(measured, Assumed(**assumed))
        return {f"{number} {what}": much for number, (what, much, _) in enumerate(rows)}

    small, large = table(files=10**8), table(files=2 * 10**8)
    assert list(small.values()) != list(large.values())
    assert ("27.8 h", "55.6 h") == (small["9 CPU"], large["9 CPU"])
    assert ("$40", "$80") == tuple(
        f"${float(each.lstrip('$')) - rest:.0f}"
        for each, rest in ((small["14 LISTs and GETs"], 0.5), (large["14 LISTs and GETs"], 1.0))
    )
    half = table(files=10**8, cores=200)
    assert ("3.5 h", "1.7 h") == (small["10 reading and parsing"], half["10 reading and parsing"])
