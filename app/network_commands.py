"""`nearest-crew network`: build road networks, and say what is in them."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.network_summary import NetworkSummary
from app.one_line_errors import errors_in_one_line, stop
from app.progress_display import shown_progress
from app.usage_errors import CommandGroup
from app.writable import require_writable
from routing.network import RoadNetwork
from routing.storage import load_network, may_be_written, save_network

if TYPE_CHECKING:
    from geo_data.sources import Source

LONDON_JUNCTIONS = 130_000
"""About as many as the drivable network of Greater London has (OSMnx, 132,933)."""

network = typer.Typer(
    cls=CommandGroup, help="Build and inspect road networks.", no_args_is_help=True
)

OutputOption = Annotated[
    Path,
    typer.Option("--output", "-o", help="Directory of the network; one there is replaced."),
]
NameOption = Annotated[str, typer.Option(help="Name of the network; by default its source's.")]


@network.command()
def build(
    output: OutputOption,
    file: Annotated[
        Path | None,
        typer.Argument(
            help="Roads to build from: OpenStreetMap .osm.pbf, .osm, .osm.gz or .osm.bz2, "
            "or OSMnx .graphml or .graphml.gz.",
        ),
    ] = None,
    place: Annotated[
        str, typer.Option(help='Download the roads of a place: "Camden, London".')
    ] = "",
    polygon: Annotated[
        Path | None, typer.Option(help="Download the roads inside the polygons of a GeoJSON file.")
    ] = None,
    name: NameOption = "",
    date: Annotated[
        str,
        typer.Option(help="Download the roads as they were then: 2021-01-15 or RFC 3339."),
    ] = "",
    contraflow: Annotated[  # noqa: FBT002
        bool,
        typer.Option(
            "--contraflow",
            help="Keep the other way of minor one-way streets, for profile blue_light_contraflow.",
        ),
    ] = False,
    overpass_url: Annotated[
        str, typer.Option(help="Overpass server to download from; left out: the public one.")
    ] = "",
    nominatim_url: Annotated[
        str,
        typer.Option(help="Nominatim server that knows the --place; left out: the public one."),
    ] = "",
    cache_dir: Annotated[
        Path | None, typer.Option(help="Where downloads are kept; left out: ~/.cache/nearest-crew.")
    ] = None,
) -> None:
    """Build a road network from OpenStreetMap data: a FILE, a --place or a --polygon."""
    given = [one for one in (file, place, polygon) if one]
    if len(given) != 1:
        told = ", ".join(str(one) for one in given) or "none of them"
        stop(f"give exactly one of FILE, --place and --polygon; given: {told}")
    if file:
        downloading = {"date": date, "overpass-url": overpass_url, "cache-dir": cache_dir}
        _refuse(downloading, "says how to download; it goes with --place or --polygon, not a FILE")
    if not place:
        _refuse({"nominatim-url": nominatim_url}, "says where to look up a place: give a --place")
    when = _date(date)
    _check_web_address("--overpass-url", overpass_url)
    _check_web_address("--nominatim-url", nominatim_url)
    _check_output(output)
    with errors_in_one_line(), shown_progress() as progress:
        from geo_data import osmnx_session, sources  # noqa: PLC0415 (serving needs no OSMnx)

        download = osmnx_session.Download(
            cache_dir=cache_dir or default_cache_dir(),
            overpass_url=overpass_url or osmnx_session.DEFAULT_OVERPASS_URL,
            nominatim_url=nominatim_url or osmnx_session.DEFAULT_NOMINATIM_URL,
            date=when,
        )
        source: Source
        if file:
            source = sources.RoadFile(file)
        elif polygon:
            source = sources.PolygonFile(polygon, download)
        else:
            source = sources.Place(place, download)
        built = sources.build_from(source, name=name, contraflow=contraflow, progress=progress)
        _save(built, output)
    _print(built)


@network.command()
def info(
    directory: Annotated[Path, typer.Argument(help="Directory of a built network.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print a JSON object.")] = False,  # noqa: FBT002
) -> None:
    """Say what is in a built network, where it comes from, and under which licence."""
    with errors_in_one_line():
        built = load_network(directory)
    if as_json:
        summary = NetworkSummary.of(built).as_json()
        typer.echo(json.dumps(summary, indent=2, ensure_ascii=False))
    else:
        _print(built)


@network.command()
def synthesise(
    output: OutputOption,
    junctions: Annotated[int, typer.Option(help="About how many junctions.")] = LONDON_JUNCTIONS,
    seed: Annotated[int, typer.Option(help="The same seed gives the same network.")] = 1,
    name: NameOption = "",
) -> None:
    """Make up a London-sized network, for load tests where no map data is at hand."""
    _check_output(output)
    with errors_in_one_line(), shown_progress() as progress:
        from geo_data.sources import build_synthetic  # noqa: PLC0415 (serving must not pay for it)

        try:
            built = build_synthetic(junctions, seed, name=name, progress=progress)
        except ValueError as error:
            stop(str(error))
        _save(built, output)
    _print(built)


def default_cache_dir() -> Path:
    """Where downloads are kept (XDG Base Directory Specification)."""
    base = os.environ.get("XDG_CACHE_HOME")
    return (Path(base) if base else Path.home() / ".cache") / "nearest-crew"


def _date(text: str) -> datetime | None:
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        stop(f"--date {text}: not a date; accepted: 2021-01-15 or 2021-01-15T18:00:00Z")
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    if moment > datetime.now(tz=UTC):
        stop(f"--date {text}: lies in the future; accepted: a date in the past")
    return moment


def _check_web_address(option: str, url: str) -> None:
    if url and not url.startswith(("http://", "https://")):
        stop(f"{option} {url}: not a web address; accepted: http://... or https://...")


def _refuse(options: Mapping[str, object], why: str) -> None:
    """Stop when any option is given that would have no effect."""
    for name, value in options.items():
        if value:
            stop(f"--{name} {value}: {why}")


def _check_output(output: Path) -> None:
    """Refuse to replace anything but a network, and find out whether one can be written, now."""
    with _writing(output):
        if not may_be_written(output):
            found = "holds other files" if output.is_dir() else "is a file"
            stop(f"--output {output}: {found}; accepted: a new directory or a network's")
        place = output.resolve()
        require_writable(place.parent, prefix=f".{place.name}-")


def _save(built: RoadNetwork, output: Path) -> None:
    with _writing(output):
        save_network(built, output.resolve())


@contextmanager
def _writing(output: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        why = error.strerror or error
        stop(f"--output {output}: cannot be written ({why}); name a place that can be")


def _print(built: RoadNetwork) -> None:
    for line in NetworkSummary.of(built).lines(datetime.now(tz=UTC)):
        typer.echo(line)
