"""`nearest-crew network`, as an operator runs it."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from shapely.geometry import box, mapping
from typer.testing import CliRunner, Result

from app.network_commands import default_cache_dir, network
from app.network_summary import age, connected_share
from geo_data.sources import RoadFile, build_from
from routing.storage import load_network
from tests.geo_data.drawn_osm import RESIDENTIAL, Drawing
from tests.geo_data.overpass_server import Answer, OverpassServer
from tests.geo_data.road_formats import overpass_answer

CROSSROADS = Drawing(
    [
        (10, [1, 2, 3], {**RESIDENTIAL, "name": "Strand"}),
        (11, [2, 4], {**RESIDENTIAL, "oneway": "yes"}),
        (12, [5, 6], {"highway": "footway"}),
    ]
)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(network, [str(argument) for argument in arguments])


@pytest.fixture
def roads(tmp_path: Path) -> Path:
    path = tmp_path / "crossroads.osm"
    path.write_text(CROSSROADS.xml())
    return path


@pytest.fixture
def output(tmp_path: Path) -> Path:
    return tmp_path / "network"


def files(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in directory.iterdir()}


def test_a_file_becomes_a_network_on_disk_with_a_summary(roads: Path, output: Path) -> None:
    result = run("build", roads, "--output", output, "--name", "Crossroads")
    assert result.exit_code == 0
    built = load_network(output)
    assert built.name == "Crossroads"
    lines = dict(line.split(maxsplit=1) for line in result.stdout.splitlines())
    assert lines["Name"] == "Crossroads"
    assert lines["Version"] == built.version
    assert lines["Junctions"] == "4"
    assert lines["Segments"].startswith("5, joined by")
    assert lines["Streets"] == "0.4 km"
    assert lines["Connected"] == (
        "80.0% of segments: the largest connected part; "
        "for the rest, times may be flagged estimates"
    )
    assert lines["Note"] == "poorly connected: usually the extract cuts streets at its edge"
    assert lines["Source"] == "crossroads.osm"
    assert lines["Data"] == "as of   not told by the source"
    assert lines["Licence"] == "ODbL-1.0"
    assert lines["Attribution"] == "© OpenStreetMap contributors"
    assert lines["Left"] == "out     1 footways, paths and cycleways"


def test_a_well_connected_network_has_no_note(output: Path, tmp_path: Path) -> None:
    street = tmp_path / "street.osm"
    street.write_text(Drawing([(10, [1, 2], RESIDENTIAL)]).xml())
    told = run("build", street, "--output", output).stdout
    assert "100.0% of segments: the largest connected part" in told
    assert "poorly connected" not in told


def test_progress_goes_to_standard_error(roads: Path, output: Path) -> None:
    result = run("build", roads, "--output", output)
    assert "reading roads" in result.stderr
    assert "reading roads" not in result.stdout


def test_a_terminal_shows_a_bar(roads: Path, output: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    result = run("build", roads, "--output", output)
    assert result.exit_code == 0
    assert "\x1b[" in result.stderr
    assert "━" in result.stderr
    assert "━" not in result.stdout


def test_info_says_the_same_again_from_disk(roads: Path, output: Path) -> None:
    built = run("build", roads, "--output", output)
    told = run("info", output)
    assert told.exit_code == 0
    assert told.stdout == built.stdout


def test_info_as_json_is_read_by_programs(roads: Path, output: Path) -> None:
    run("build", roads, "--output", output)
    told = json.loads(run("info", output, "--json").stdout)
    assert told["version"] == load_network(output).version
    assert told["junctions"] == 4
    assert told["connected_share"] == 0.8
    assert told["dropped"] == {"footways, paths and cycleways": 1}
    assert told["extent"]["west"] == -0.125


def test_a_polygon_is_downloaded_once_and_cached(roads: Path, output: Path, tmp_path: Path) -> None:
    area = tmp_path / "area.geojson"
    area.write_text(json.dumps(mapping(box(-0.2, 51.4, 0.0, 51.6))))
    options = ["build", "--polygon", area, "--output", output, "--cache-dir", tmp_path / "cache"]
    with OverpassServer([overpass_answer(roads)]).running() as server:
        first = run(*options, "--overpass-url", server.overpass_url)
        asked = len(server.requests)
        second = run(*options, "--overpass-url", server.overpass_url)
        assert len(server.requests) == asked > 0
    assert first.exit_code == second.exit_code == 0, first.stderr
    stored = load_network(output)
    assert stored.version == build_from(RoadFile(roads)).version
    assert stored.hierarchy is not None
    assert "Overpass: area.geojson" in first.stdout


def test_a_failed_build_leaves_the_network_there_untouched(
    roads: Path, output: Path, tmp_path: Path
) -> None:
    run("build", roads, "--output", output)
    before = files(output)
    broken = tmp_path / "broken.osm"
    broken.write_text(CROSSROADS.xml()[:300])
    area = tmp_path / "area.geojson"
    area.write_text(json.dumps(mapping(box(-0.2, 51.4, 0.0, 51.6))))
    with OverpassServer([Answer(b"no", 400)]).running() as server:
        failures = [
            run("build", broken, "--output", output),
            run(
                *("build", "--polygon", area, "--output", output),
                *("--cache-dir", tmp_path / "cache", "--overpass-url", server.overpass_url),
            ),
        ]
    assert [failure.exit_code for failure in failures] == [1, 1]
    assert files(output) == before
    assert not [one for one in tmp_path.iterdir() if one.name.startswith(".")]


def test_a_new_network_replaces_the_old(roads: Path, output: Path, tmp_path: Path) -> None:
    run("build", roads, "--output", output)
    before = load_network(output).version
    other = tmp_path / "other.osm"
    other.write_text(Drawing([(10, [1, 2], RESIDENTIAL)]).xml())
    assert run("build", other, "--output", output).exit_code == 0
    assert load_network(output).version != before


def one_line(result: Result) -> str:
    """What a failed command says last; it must not be a traceback or a page of usage."""
    assert result.exit_code == 1
    assert result.stdout == ""
    said = [line for line in result.stderr.splitlines() if line.startswith("nearest-crew: ")]
    assert len(said) == 1
    assert "Traceback" not in result.stderr
    return said[0]


def test_exactly_one_source_must_be_given(roads: Path, output: Path) -> None:
    none = one_line(run("build", "--output", output))
    assert none == (
        "nearest-crew: give exactly one of FILE, --place and --polygon; given: none of them"
    )
    both = one_line(run("build", roads, "--place", "Camden", "--output", output))
    assert both.endswith(f"given: {roads}, Camden")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["nowhere.osm"], "nowhere.osm does not exist"),
        (["roads.shp"], "roads.shp: no reader for this kind of file; accepted endings: .osm.pbf"),
        (["--polygon", "nowhere.geojson"], "nowhere.geojson cannot be read: No such file"),
        (
            ["--place", "Camden", "--date", "yesterday"],
            "--date yesterday: not a date; accepted: 2021-01-15",
        ),
        (["--place", "Camden", "--date", "2999-01-01"], "--date 2999-01-01: lies in the future"),
        (
            ["--place", "Camden", "--overpass-url", "overpass-api.de"],
            "--overpass-url overpass-api.de: not a web address; accepted: http://",
        ),
        (
            ["--place", "Camden", "--nominatim-url", "nominatim.example"],
            "--nominatim-url nominatim.example: not a web address; accepted: http://",
        ),
        (
            ["roads.osm", "--date", "2021-01-15"],
            "--date 2021-01-15: says how to download; it goes with --place or --polygon",
        ),
        (["roads.osm", "--overpass-url", "http://a"], "--overpass-url http://a: says how to"),
        (["roads.osm", "--cache-dir", "kept"], "--cache-dir kept: says how to download"),
        (["roads.osm", "--nominatim-url", "http://a"], "--nominatim-url http://a: says where"),
        (
            ["--polygon", "area.geojson", "--nominatim-url", "http://a"],
            "--nominatim-url http://a: says where to look up a place: give a --place",
        ),
    ],
)
def test_bad_input_is_named_with_what_is_accepted(
    options: list[str], message: str, output: Path
) -> None:
    assert message in one_line(run("build", *options, "--output", output))
    assert not output.exists()


def test_a_directory_with_other_files_is_never_replaced(roads: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "thesis.tex").write_text("years of work")
    assert "holds other files" in one_line(run("build", roads, "--output", home))
    assert (home / "thesis.tex").read_text() == "years of work"
    assert "is a file" in one_line(run("build", roads, "--output", home / "thesis.tex"))
    assert "holds other files" in one_line(run("synthesise", "--output", home))


def test_a_place_that_cannot_be_written_is_found_before_the_work(
    roads: Path, tmp_path: Path
) -> None:
    for impossible in (roads / "network", tmp_path / ("long" * 60) / "network" / ("n" * 250)):
        result = run("build", roads, "--output", impossible)
        assert f"--output {impossible}: cannot be written (" in one_line(result)
        assert "reading" not in result.stderr
    assert list(tmp_path.iterdir()) == [roads]


def test_finding_out_whether_it_can_be_written_leaves_nothing(tmp_path: Path) -> None:
    result = run("build", "nowhere.osm", "--output", tmp_path / "new" / "network")
    assert "does not exist" in one_line(result)
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_is_no_network_has_no_info(tmp_path: Path) -> None:
    assert "it is not a network" in one_line(run("info", tmp_path))
    assert "no such directory" in one_line(run("info", tmp_path / "nowhere"))


def test_an_unreachable_server_is_told_in_one_line(output: Path, tmp_path: Path) -> None:
    area = tmp_path / "area.geojson"
    area.write_text(json.dumps(mapping(box(-0.2, 51.4, 0.0, 51.6))))
    with OverpassServer([]).running() as server:
        gone = server.overpass_url
    result = run(
        *("build", "--polygon", area, "--output", output),
        *("--cache-dir", tmp_path / "cache", "--overpass-url", gone),
    )
    said = one_line(result)
    assert f"{gone} cannot be reached" in said
    assert said.endswith("--overpass-url, or build from a downloaded .osm.pbf file")
    assert not output.exists()


def test_without_a_place_finder_another_or_a_polygon_is_advised(
    output: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("osmnx._nominatim.time.sleep", lambda _: None)
    with OverpassServer([]).running() as server:
        gone = server.nominatim_url
    result = run(
        *("build", "--place", "Camden", "--output", output),
        *("--cache-dir", tmp_path / "cache", "--nominatim-url", gone),
    )
    said = one_line(result)
    assert f"{gone} cannot be reached" in said
    assert said.endswith("--nominatim-url, or draw the area yourself and use --polygon")
    assert not output.exists()


def test_a_synthetic_network_says_that_it_is_approximate(output: Path) -> None:
    result = run("synthesise", "--junctions", 10_000, "--seed", 3, "--output", output)
    assert result.exit_code == 0, result.stderr
    assert "approximate: not surveyed streets" in result.stdout
    built = load_network(output)
    assert built.provenance.approximate
    assert built.junction_count == pytest.approx(10_000, rel=0.05)
    assert connected_share(built) > 0.95


def test_too_few_junctions_are_named(output: Path) -> None:
    said = one_line(run("synthesise", "--junctions", -5, "--output", output))
    assert said.startswith("nearest-crew: junctions is -5; it must be a number from ")
    assert said.count("-5") == 1


def test_downloads_are_kept_where_the_desktop_keeps_caches(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert default_cache_dir() == tmp_path / "nearest-crew"
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert default_cache_dir() == Path.home() / ".cache" / "nearest-crew"


def test_the_age_of_data_is_told_in_days() -> None:
    now = datetime(2024, 2, 17, tzinfo=UTC) + timedelta(days=400)
    assert age("2024-02-17T00:00:00Z", now) == "2024-02-17T00:00:00Z (400 days ago)"
    assert age("", now) == "not told by the source"
    assert age("last spring", now) == "last spring"
