"""OSMnx set up for one download, and left as it was found.

OSMnx is configured by module-wide settings, waits out busy servers by itself and without limit,
and only logs what a server complains of. Here its settings hold for one `with` block, and its
answers are watched through the request arguments it lets callers set.
"""

import hashlib
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from http import HTTPStatus
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import osmnx
import requests

from geo_data.errors import DownloadError
from geo_data.osm import NODE_TAGS, ROUTED_WAY_TAGS
from geo_data.restriction_relations import RELATION_TYPE
from routing.progress import Progress, silent

DEFAULT_OVERPASS_URL = "https://overpass-api.de/api"
DEFAULT_NOMINATIM_URL = "https://nominatim.openstreetmap.org/"

MAX_ATTEMPTS = 4
"""Refusals in a row (HTTP 429 or 504) after which a download is given up. OSMnx pauses about a
minute after each."""

CONTACT_TIMEOUT_S = 20.0
"""How long a server may take to say that it is there at all."""

ALSO_RESTRICTIONS = f'rel(bw)["type"="{RELATION_TYPE}"];out;'
"""Put behind a query for roads: all turn restrictions that name one of them (Overpass QL). OSMnx
asks for none, and passes over those in its answers."""

USER_AGENT = "nearest-crew (through OSMnx)"
"""How requests name themselves, as the usage policies of the public servers ask."""

WITHOUT_OVERPASS = (
    "try again later, name another server with --overpass-url, or build from a downloaded "
    ".osm.pbf file"
)
WITHOUT_NOMINATIM = (
    "try again later, name another server with --nominatim-url, or draw the area yourself and "
    "use --polygon"
)

_BUSY = frozenset({HTTPStatus.TOO_MANY_REQUESTS, HTTPStatus.GATEWAY_TIMEOUT})
_REMARK_TAIL_BYTES = 4000


@dataclass(frozen=True, slots=True)
class Download:
    """Where and how to download.

    Attributes
    ----------
    cache_dir
        Answers are kept here, so that nothing is asked for twice.
    overpass_url
        Overpass server, without `/interpreter`.
    nominatim_url
        Nominatim server that turns place names into areas.
    date
        Roads as OpenStreetMap had them at this time; now when None.
    """

    cache_dir: Path
    overpass_url: str = DEFAULT_OVERPASS_URL
    nominatim_url: str = DEFAULT_NOMINATIM_URL
    date: datetime | None = None

    @property
    def timestamp(self) -> str:
        """The date asked for, in the form Overpass reads (RFC 3339, UTC); empty for now."""
        if self.date is None:
            return ""
        moment = self.date if self.date.tzinfo else self.date.replace(tzinfo=UTC)
        return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    def cache_of(self, area_wkt: str) -> Path:
        """Directory for the answers to one request, which is known by what it asks for."""
        asked = f"{area_wkt}\n{self.timestamp}\n{self.overpass_url}\n{ALSO_RESTRICTIONS}"
        return self.cache_dir / hashlib.sha256(asked.encode()).hexdigest()[:16]

    def way_out(self, url: str) -> str:
        """What to do when the server at this address fails."""
        return WITHOUT_NOMINATIM if url.startswith(self.nominatim_url) else WITHOUT_OVERPASS

    def unreachable(self, url: str, error: Exception) -> DownloadError:
        """Return the error for a server that does not answer."""
        why = type(error).__name__
        msg = f"{url} cannot be reached ({why}): check the connection, {self.way_out(url)}"
        return DownloadError(msg)

    def unusable(self, url: str, reason: str) -> DownloadError:
        """Return the error for a server that sends something else."""
        msg = f"{url} sent something other than map data ({reason}); {self.way_out(url)}"
        return DownloadError(msg)


@dataclass
class _Watch:
    """Sees every request before it leaves and every answer before OSMnx does."""

    download: Download
    progress: Progress
    refusals: int = 0
    contacted: set[str] = field(default_factory=set)

    def before(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Make sure the server is there, and ask it for turn restrictions beside the roads.

        OSMnx would wait a minute before saying that there is no server.

        Raises
        ------
        DownloadError
            Nothing answers at the Overpass address.
        """
        url = self.download.overpass_url.rstrip("/")
        if (request.url or "").startswith(url) and url not in self.contacted:
            try:
                requests.get(
                    f"{url}/status",
                    timeout=CONTACT_TIMEOUT_S,
                    headers={"User-Agent": USER_AGENT},
                )
            except requests.RequestException as error:
                raise self.download.unreachable(url, error) from error
            self.contacted.add(url)
        self.progress("waiting for the server", self.refusals, 0)
        if request.method == "POST" and (request.url or "").startswith(url):
            query = parse_qs(str(request.body))["data"][0]
            request.prepare_body({"data": query + ALSO_RESTRICTIONS}, None)
        return request

    def after(self, response: requests.Response, *_: Any, **__: Any) -> None:
        """Give up on a server that refuses for good, fails, or stopped half-way.

        Raises
        ------
        DownloadError
            With what the server said.
        """
        if response.url.endswith("/status"):
            return
        said = f"{response.status_code} {response.reason}"
        way_out = self.download.way_out(response.url)
        if response.status_code in _BUSY:
            self.refusals += 1
            self.progress(f"server is busy ({said}), waiting", self.refusals, MAX_ATTEMPTS)
            if self.refusals >= MAX_ATTEMPTS:
                msg = f"{response.url} was too busy {self.refusals} times ({said}): {way_out}"
                raise DownloadError(msg)
            return
        self.refusals = 0
        if not response.ok:
            msg = f"{response.url} answered {said}: {_excerpt(response.content)}; {way_out}"
            raise DownloadError(msg)
        self._check_overpass(response.url, response.content)

    def _check_overpass(self, url: str, content: bytes) -> None:
        """Refuse what OSMnx would keep in its cache although it is no complete answer."""
        if not url.startswith(self.download.overpass_url):
            return
        if b'"elements"' not in content:
            raise self.download.unusable(url, "no list of elements")
        tail = content[-_REMARK_TAIL_BYTES:]
        if b'"remark"' in tail and b"runtime error" in tail:
            remark = tail[tail.index(b'"remark"') :]
            msg = f"{url} gave up half-way, {_excerpt(remark)}; {self.download.way_out(url)}"
            raise DownloadError(msg)


def _excerpt(content: bytes) -> str:
    return " ".join(content[:200].decode("utf-8", "replace").split())


@contextmanager
def osmnx_session(download: Download, cache: Path, progress: Progress = silent) -> Iterator[None]:
    """Run a block with OSMnx set up for routing downloads, then restore every setting.

    Original one-way tags and drawing order are kept (`all_oneway`), and so are all tags that
    `geo_data.osm` names. Host names are resolved by the system alone: OSMnx's fallback asks a
    public DNS service.
    """
    watch = _Watch(download, progress)
    date = f'[date:"{download.timestamp}"]' if download.timestamp else ""
    wanted = {
        "all_oneway": True,
        "cache_folder": cache,
        "cache_only_mode": False,
        "doh_url_template": None,
        "http_user_agent": USER_AGENT,
        "nominatim_url": download.nominatim_url,
        "overpass_rate_limit": True,
        "overpass_settings": "[out:json][timeout:{timeout}]{maxsize}" + date,
        "overpass_url": download.overpass_url,
        "requests_kwargs": {"auth": watch.before, "hooks": {"response": watch.after}},
        "use_cache": True,
        "useful_tags_node": list(NODE_TAGS),
        "useful_tags_way": ["area", *ROUTED_WAY_TAGS],
    }
    before = {name: getattr(osmnx.settings, name) for name in wanted}
    resolver = socket.getaddrinfo  # OSMnx replaces it to pin a host to one address
    try:
        for name, value in wanted.items():
            setattr(osmnx.settings, name, value)
        yield
    finally:
        for name, value in before.items():
            setattr(osmnx.settings, name, value)
        socket.getaddrinfo = resolver
