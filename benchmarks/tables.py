"""Tables of the kept results, as Markdown.

`python -m benchmarks.tables` writes them anew into `README.md` and `benchmarks/README.md`, between
`<!-- name -->` and `<!-- /name -->`.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.kept import kept

ROOT = Path(__file__).parents[1]
PAGES = ROOT / "README.md", Path(__file__).with_name("README.md")

Results = Mapping[str, Any]

_MARKED = re.compile(r"(<!-- ([\w, ]+) -->\n).*?(<!-- /\2 -->)", re.DOTALL)

_MS_PER_S = 1000
_S_PER_MINUTE = 60
_SECONDS_FROM_MS = 10_000
_LARGE = 100
_SMALL = 10
_LITTLE = 0.1

_READY = {
    "ready: built from the PBF file": ("build_s", "s"),
    "ready: loaded and warmed up": ("load_s", "s"),
    "ready: memory": ("memory_mb", "MB"),
    "ready: files": ("disk_mb", "MB"),
}


def growth(results: Results) -> str:
    """Ourselves on every extract, and how much more the largest costs than the one before."""
    extracts = results["extracts"]
    ours = [extract["engines"][0] for extract in extracts]
    before, largest = (extract["junctions"] for extract in extracts[-2:])
    head = [f"{extract['junctions']:,} junctions" for extract in extracts]
    rows = [[task, *cells] for task, cells in _growing(ours)]
    head = ["median, p99 ms", *head, f"{_short(largest / before)} times the junctions"]
    return _table(head, rows)


def _growing(ours: Sequence[Results]) -> Iterator[tuple[str, list[str]]]:
    by_task = [_timings(one) for one in ours]
    name = ours[0]["engine"]
    for task, engine in by_task[0]:
        if engine == name:
            timings = [one[task, engine] for one in by_task]
            medians = [one["median_ms"] for one in timings]
            yield task, [*map(_median_p99, timings), _times(medians[-1], medians[-2])]
    for task, (field, unit) in _READY.items():
        values = [one[field] for one in ours]
        told = [f"{_short(value)} {unit}" for value in values]
        yield task, [*told, _times(values[-1], values[-2])]


def speeds(extract: Results) -> str:
    """Every engine on one extract: median and 99th percentile of each task, and being ready."""
    engines = extract["engines"]
    names = [one["engine"] for one in engines]
    timings: dict[tuple[str, str], Results] = {}
    for one in engines:
        timings |= _timings(one)
    tasks = list(dict.fromkeys(task for task, _ in timings))
    first = names[0]
    again = next(label for _, label in timings if label.startswith(f"{first},"))
    columns = [first, again, *names[1:]]
    rows = [
        [
            task,
            *(_median_p99(timings[task, one]) if (task, one) in timings else "" for one in columns),
        ]
        for task in tasks
    ]
    for task, (field, unit) in _READY.items():
        told = {one["engine"]: f"{_short(one[field])} {unit}" for one in engines if one[field]}
        rows.append([task, *(told.get(one, "") for one in columns)])
    left_out = [f"\nLeft out: {name}: {why}." for name, why in extract["left_out"].items()]
    return "\n".join([_table(["median, p99 ms", *columns], rows), *left_out])


def beside_peers(extract: Results) -> str:
    """Our median and 99th percentile on one extract; the peers' medians, also in times ours."""
    ours, *peers = extract["engines"]
    if "OSRM" not in extract["left_out"]:
        peers = [one for one in peers if one["engine"] != "OSRM, MLD"]
    rows = []
    for (task, engine), timing in _timings(ours).items():
        if engine == ours["engine"]:
            row = [task, _median_p99(timing)]
            for peer in peers:
                theirs = _timings(peer).get((task, peer["engine"]))
                row.append("" if theirs is None else _beside(theirs, timing))
            if any(row[2:]):
                rows.append(row)
    head = [f"{ours['engine']}: median, p99 ms", *(one["engine"] for one in peers)]
    return _table(["task", *head], rows)


def _beside(theirs: Results, ours: Results) -> str:
    ratio = theirs["median_ms"] / ours["median_ms"]
    times = _short(ratio) if ratio >= _LITTLE else f"under {_LITTLE}"
    return f"{_ms(theirs['median_ms'])} ({times})"


def engines(results: Results) -> str:
    """Every line of the measurements inside the process."""
    rows = []
    ours: dict[str, float] = {}
    for one in results["searches"]:
        timing = one["timing"]
        median_ms = timing["median_ms"]
        ratio = median_ms / ours.setdefault(one["task"], median_ms)
        times = [_ms(median_ms), _ms(timing["p99_ms"])]
        rows.append([one["task"], one["engine"], *times, f"{ratio:,.1f}"])
    return _table(["task", "engine", "median ms", "p99 ms", "times ours"], rows)


def loads(results: Results) -> str:
    """Every line of the load test."""
    head = ["over HTTP, one worker, 500 vehicles", "clients", "requests/s", "median ms", "p99 ms"]
    rows = [
        [
            one["endpoint"],
            str(one["clients"]),
            f"{one['requests_per_s']:,.0f}",
            _ms(one["median_ms"]),
            _ms(one["p99_ms"]),
        ]
        for one in results["http"]
    ]
    return _table(head, rows)


def replays(results: Results) -> str:
    """Replays as recorded, by one process and by two, and simulated."""
    one_by_one = results["as_recorded"]
    rows = [
        [
            f"as recorded, {one['fleet']}",
            f"{one['calls_per_s']:,.0f} calls/s",
            f"{two['calls_per_s']:,.0f} calls/s, {_times(two['calls_per_s'], one['calls_per_s'])}",
            _megabytes(one, two),
        ]
        for one, two in zip(one_by_one[::2], one_by_one[1::2], strict=True)
    ]
    day, weeks = results["simulated_day"], results["five_weeks"]
    crews = f"{day['calls']:,} calls of a day, {day['crews_on_duty']} crews on duty"
    rows.append([f"simulated, {crews}", f"{day['seconds']:.1f} s", "", _megabytes(day)])
    winter = "five weeks of winter 2021, two scenarios, main roads"
    whole = f"{weeks['calls']:,} calls: {_minutes(weeks['seconds'])}"
    rows.append([f"{winter}: one seed", "", whole, _megabytes(weeks)])
    seeds = f"{winter}: {weeks['projected_seeds']} seeds, projected"
    rows.append([seeds, "", _minutes(weeks["projected_s"]), ""])
    return _table(["replays, file to file", "one process", "two processes", "memory"], rows)


def _minutes(seconds: float) -> str:
    return f"{seconds / _S_PER_MINUTE:.1f} min"


def _megabytes(*measured: Results) -> str:
    """Memory of the largest process."""
    return f"{max(one['largest_process_mb'] for one in measured):,.0f} MB"


def agreement(results: Results) -> str:
    """How many shortest ways are as long as each peer's, as we read the map and as it does."""
    rows = [
        [
            one["extract"],
            one["peer"],
            f"{one['routes']:,}",
            f"{one['same'] / one['routes']:.1%}",
            f"{one['same_read_alike'] / one['routes']:.1%}",
            "; ".join(f"{count}: {cause}" for cause, count in one["causes"].items()),
        ]
        for one in results["agreement"]
    ]
    head = ["extract", "peer", "routes", "the same length", "the same read alike", "the others"]
    return _table(head, rows)


def measured_on(results: Results) -> str:
    """When and on what something was measured, and how much of that others had meanwhile."""
    told = f"Measured on {results['measured_at'][:10]}, {results['machine']}"
    if "processors_of_others" not in results:
        return f"{told}."
    others = f"{results['processors_of_others']:.2f} cores"
    return f"{told}; other programs took {others} meanwhile."


def _timings(speed: Results) -> dict[tuple[str, str], Results]:
    """By task and label."""
    return {(one["task"], one["engine"]): one["timing"] for one in speed["measured"]}


def _median_p99(timing: Results) -> str:
    if timing["questions"] == 1:
        return _ms(timing["median_ms"])
    return f"{_ms(timing['median_ms'])}, {_ms(timing['p99_ms'])}"


def _ms(value: float) -> str:
    """Milliseconds; seconds where they are many."""
    return _short(value) if value < _SECONDS_FROM_MS else f"{value / _MS_PER_S:,.0f} s"


def _short(value: float) -> str:
    """A number to about two figures."""
    if value >= _LARGE:
        return f"{value:,.0f}"
    return f"{value:.1f}" if value >= _SMALL else f"{value:.2g}"


def _times(larger: float, smaller: float) -> str:
    return f"x {_short(larger / smaller)}"


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rule = ["---", *["---:"] * (len(head) - 1)]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def _on(extract: str) -> Results:
    """How fast every engine was on one extract."""
    found: Results
    (found,) = [one for one in kept("speed")["extracts"] if one["extract"] == extract]
    return found


TABLES: Mapping[str, Callable[[], str]] = {
    "beside peers": lambda: beside_peers(_on("130,000 junctions")),
    "beside peers on": lambda: measured_on(kept("speed")),
    "growth": lambda: growth(kept("growth")),
    "growth on": lambda: measured_on(kept("growth")),
    "engines": lambda: engines(kept("london-130000")),
    "engines on": lambda: measured_on(kept("london-130000")),
    "loads": lambda: loads(kept("london-130000")),
    "speed, central": lambda: speeds(_on("central London")),
    "speed, 130,000": lambda: speeds(_on("130,000 junctions")),
    "speed, 500,000": lambda: speeds(_on("500,000 junctions")),
    "replays": lambda: replays(kept("replays-130000")),
    "replays on": lambda: measured_on(kept("replays-130000")),
    "agreement": lambda: agreement(kept("agreement")),
}


def filled(page: str) -> str:
    """A page with its tables of the results as they are kept now."""
    return _MARKED.sub(lambda found: f"{found[1]}{TABLES[found[2]]()}\n{found[3]}", page)


if __name__ == "__main__":
    for file in PAGES:
        file.write_text(filled(file.read_text(encoding="utf-8")), encoding="utf-8")
