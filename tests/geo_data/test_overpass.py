"""Downloads through OSMnx, against a real HTTP server that speaks Overpass's protocol."""

import gzip
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import osmnx
import pytest
from shapely.geometry import box, mapping

from geo_data.errors import AreaError, DownloadError
from geo_data.osm import ONE_WAY_BY_HOUR
from geo_data.osmnx_session import MAX_ATTEMPTS, Download
from geo_data.overpass import download_place, download_polygon
from geo_data.street_builder import streets_from_osm
from routing.build import build_network
from routing.metric import BLOCKED, Metric
from routing.profiles import load_profiles
from tests.drawing import DRAWN
from tests.geo_data.overpass_server import Answer, OverpassServer, busy_until, elements

AREA = box(-0.2, 51.4, 0.0, 51.6)
WHERE_DOWNLOADS_FAIL = (
    "try again later, name another server with --overpass-url, or build from a downloaded .osm.pbf"
)

NODES: list[dict[str, Any]] = [
    {"type": "node", "id": 1, "lat": 51.5, "lon": -0.1},
    {"type": "node", "id": 2, "lat": 51.501, "lon": -0.1, "tags": {"barrier": "bollard"}},
    {"type": "node", "id": 3, "lat": 51.502, "lon": -0.1},
]
HIGH_STREET = {
    "type": "way",
    "id": 7,
    "nodes": [1, 2, 3],
    "tags": {
        "highway": "residential",
        "oneway": "-1",
        "name": "High Street",
        "emergency": "yes",
        "motorcar:conditional": "no @ (Mo-Fr 08:15-09:15)",
    },
}
ROADS = elements([*NODES, HIGH_STREET], "2024-02-17T03:10:39Z")


@pytest.fixture
def server() -> Iterator[OverpassServer]:
    with OverpassServer([ROADS]).running() as running:
        yield running


@pytest.fixture
def download(server: OverpassServer, tmp_path: Path) -> Download:
    return Download(tmp_path, server.overpass_url, server.nominatim_url)


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Take OSMnx's pauses without spending them."""
    taken: list[float] = []
    monkeypatch.setattr("osmnx._overpass.time.sleep", taken.append)
    return taken


def test_a_download_keeps_tags_points_drawing_order_and_age(download: Download) -> None:
    extract = download_polygon(AREA, download)
    assert extract.node_id.tolist() == [1, 2, 3]
    assert extract.node_tags == {2: {"barrier": "bollard"}}
    assert [way.way_id for way in extract.ways] == [7]
    assert extract.ways[0].tags == HIGH_STREET["tags"]
    assert list(zip(extract.link_from.tolist(), extract.link_to.tolist(), strict=True)) == [
        (0, 1),
        (1, 2),
    ]
    assert extract.osm_timestamp == "2024-02-17T03:10:39Z"


def test_the_server_is_asked_for_roads_and_for_paths_built_for_emergencies(
    download: Download, server: OverpassServer
) -> None:
    download_polygon(AREA, download)
    roads, paths = server.queries
    assert "service" in roads
    assert '"emergency"' not in roads
    assert '["emergency"~"^(designated|official|yes)$"]' in paths
    assert all(
        query.endswith(';out;rel(bw)["type"="restriction"];out;') for query in (roads, paths)
    )
    assert server.user_agents == {"nearest-crew (through OSMnx)"}


def test_a_second_download_asks_the_server_nothing(
    download: Download, server: OverpassServer
) -> None:
    first = download_polygon(AREA, download)
    asked = len(server.requests)
    second = download_polygon(AREA, download)
    assert asked > 0
    assert len(server.requests) == asked
    assert second.osm_timestamp == first.osm_timestamp
    assert second.ways == first.ways


def test_a_date_is_passed_on_and_becomes_the_age_of_the_data(
    server: OverpassServer, tmp_path: Path
) -> None:
    event = Download(
        tmp_path, server.overpass_url, server.nominatim_url, datetime(2021, 1, 15, tzinfo=UTC)
    )
    extract = download_polygon(AREA, event)
    assert '[date:"2021-01-15T00:00:00Z"]' in server.queries[0]
    assert extract.osm_timestamp == "2021-01-15T00:00:00Z"


@pytest.mark.usefixtures("pauses")
def test_a_place_is_looked_up_and_its_boundary_downloaded(
    download: Download, server: OverpassServer
) -> None:
    server.places["Westminster, London"] = [
        {
            "importance": 1.0,
            "lat": "51.5",
            "lon": "-0.1",
            "boundingbox": ["51.4", "51.6", "-0.2", "0.0"],
            "geojson": mapping(AREA),
        }
    ]
    extract = download_place("Westminster, London", download)
    assert len(extract.ways) == 1
    asked = len(server.requests)
    download_place("Westminster, London", download)
    assert len(server.requests) == asked


@pytest.mark.usefixtures("pauses")
def test_a_place_finder_that_fails_is_named_with_what_helps(
    server: OverpassServer, tmp_path: Path
) -> None:
    wrong_page = f"http://127.0.0.1:{server.port}/elsewhere"
    with pytest.raises(
        DownloadError, match=r"answered 404 .*--nominatim-url, or draw the area yourself"
    ):
        download_place("Camden", Download(tmp_path, server.overpass_url, wrong_page))


@pytest.mark.usefixtures("pauses")
def test_an_unknown_place_is_named(download: Download) -> None:
    with pytest.raises(AreaError, match="place 'Atlantis' is not known"):
        download_place("Atlantis", download)


@pytest.mark.usefixtures("pauses")
def test_a_place_without_a_boundary_is_refused(download: Download, server: OverpassServer) -> None:
    point = {"type": "Point", "coordinates": [-0.1, 51.5]}
    server.places["Charing Cross"] = [
        {"importance": 1.0, "lat": "51.5", "lon": "-0.1", "boundingbox": [], "geojson": point}
    ]
    with pytest.raises(AreaError, match="place 'Charing Cross' has no boundary on the map"):
        download_place("Charing Cross", download)


@pytest.mark.parametrize("status", [429, 504])
def test_a_busy_server_is_tried_again_after_a_pause(
    status: int, download: Download, server: OverpassServer, pauses: list[float]
) -> None:
    server.answers[:] = [Answer(b"busy", status), ROADS]
    extract = download_polygon(AREA, download)
    assert len(extract.ways) == 1
    assert max(pauses) >= 50


def test_a_wait_that_the_server_announces_is_kept(
    download: Download, server: OverpassServer, pauses: list[float]
) -> None:
    free_at = datetime.now(tz=UTC) + timedelta(seconds=30)
    server.status = busy_until(free_at.strftime("%Y-%m-%dT%H:%M:%SZ"))
    download_polygon(AREA, download)
    assert 20 <= max(pauses) <= 31


@pytest.mark.parametrize("status", [429, 504])
def test_a_server_that_stays_busy_is_given_up(
    status: int, download: Download, server: OverpassServer, pauses: list[float]
) -> None:
    server.answers[:] = [Answer(b"busy", status)]
    with pytest.raises(
        DownloadError, match=f"too busy {MAX_ATTEMPTS} times .*{WHERE_DOWNLOADS_FAIL}"
    ):
        download_polygon(AREA, download)
    assert len(server.queries) == MAX_ATTEMPTS
    assert pauses


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (Answer(b'{"elements": [{"type": '), "sent something other than map data"),
        (Answer(b"<html>welcome to the hotel wifi</html>"), "sent something other than map data"),
        (Answer(b'{"hello": 1}'), "sent something other than map data"),
        (Answer(b"syntax error", 400), "answered 400 Bad Request: syntax error"),
        (
            Answer(b'{"elements": [], "remark": "runtime error: Query timed out"}'),
            "gave up half-way.*timed out",
        ),
    ],
)
def test_an_unusable_answer_is_refused_and_not_kept(
    answer: Answer, message: str, download: Download, server: OverpassServer
) -> None:
    server.answers[:] = [answer]
    with pytest.raises(DownloadError, match=f"{message}.*{WHERE_DOWNLOADS_FAIL}"):
        download_polygon(AREA, download)
    server.answers[:] = [ROADS]
    assert len(download_polygon(AREA, download).ways) == 1


def test_an_area_without_roads_is_refused(download: Download, server: OverpassServer) -> None:
    server.answers[:] = [elements([])]
    with pytest.raises(AreaError, match="there are no roads in the area"):
        download_polygon(AREA, download)
    server.answers[:] = [ROADS]
    assert len(download_polygon(AREA, download).ways) == 1


def test_a_server_that_is_not_there_is_named_at_once(tmp_path: Path, pauses: list[float]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed_soon:
        port = closed_soon.getsockname()[1]
    url = f"http://127.0.0.1:{port}/api"
    with pytest.raises(DownloadError, match=f"{url} cannot be reached .*{WHERE_DOWNLOADS_FAIL}"):
        download_polygon(AREA, Download(tmp_path, url))
    assert pauses == []


def test_a_damaged_cache_is_named(download: Download) -> None:
    download_polygon(AREA, download)
    for kept in download.cache_of(AREA.wkt).iterdir():
        kept.write_text('{"elements": [')
    with pytest.raises(DownloadError, match=r"an answer kept in .* is damaged"):
        download_polygon(AREA, download)


def test_an_area_in_grid_metres_is_refused(download: Download) -> None:
    with pytest.raises(AreaError, match="must be WGS84 longitude and latitude in degrees"):
        download_polygon(box(530_000, 180_000, 531_000, 181_000), download)


def test_settings_and_name_resolution_are_as_before(
    download: Download, server: OverpassServer
) -> None:
    before = {key: value for key, value in vars(osmnx.settings).items() if key[0] != "_"}
    resolver = socket.getaddrinfo
    download_polygon(AREA, download)
    server.answers[:] = [Answer(b"", 400)]
    with pytest.raises(DownloadError):
        download_polygon(AREA.buffer(0.01), download)
    assert {key: value for key, value in vars(osmnx.settings).items() if key[0] != "_"} == before
    assert socket.getaddrinfo is resolver


def test_the_real_city_of_london_comes_through_overpass(
    london_data: Path, server: OverpassServer, download: Download
) -> None:
    packed = (london_data / "overpass_city_of_london_drive.json.gz").read_bytes()
    server.answers[:] = [Answer(gzip.decompress(packed))]
    extract = download_polygon(AREA, download)
    streets = streets_from_osm(extract)
    kilometres = sum(street.length_m for street in streets.streets) / 1000
    assert len(extract.ways) == 3418
    assert extract.osm_timestamp == "2024-02-17T03:10:39Z"
    assert 150 < kilometres < 300
    names = {street.name for street in streets.streets}
    assert {"Cheapside", "London Bridge", "Leather Lane"} <= names
    lanes = [one for one in streets.streets if one.tags.get("motorcar") == "no"]
    assert {"Tooley Street", "Shoreditch High Street"} <= {lane.name for lane in lanes}
    # Bishopsgate: a bus gate for those who drive south, on weekdays from 7 to 19.
    network = build_network(streets, name="City of London", provenance=DRAWN)
    bishopsgate = network.segment_way_id == 331069828
    for profile, open_at_eight in (("blue_light", 1.0), ("normal_road", 0.5)):
        for hour, share in ((8, open_at_eight), (20, 1.0)):
            segment_ms = Metric.of(network, load_profiles()[profile], hour).segment_ms
            assert (segment_ms[bishopsgate] != BLOCKED).mean() == share
    assert streets.dropped[ONE_WAY_BY_HOUR] == 4  # Fish Street Hill and Monument Street
