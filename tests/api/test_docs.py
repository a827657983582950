"""The pages of a closed network: nothing on them comes from anywhere else."""

import re
from urllib.parse import urlparse

import httpx

from app.main import create_app
from app.settings import Settings
from tests.serving import served

LINK = re.compile(r"""(?:href|src)\s*=\s*["']([^"']+)["']""")
ELSEWHERE = re.compile(r"""(?:https?:)?//[^\s"'<>)]+""")


def test_the_landing_page_leads_to_the_docs(london: httpx.Client) -> None:
    landing = london.get("/")
    assert landing.is_redirect
    assert landing.headers["location"] == "/docs"


def test_the_docs_page_names_no_other_host(london: httpx.Client) -> None:
    page = london.get("/docs")
    assert page.status_code == 200
    assert ELSEWHERE.findall(page.text) == []
    assert '"validatorUrl": null' in page.text


def test_everything_the_docs_page_loads_is_served_here(london: httpx.Client) -> None:
    page = london.get("/docs").text
    links = LINK.findall(page)
    assert len(links) == 3
    for link in links:
        assert urlparse(link).netloc == ""
        asset = london.get(link)
        assert asset.status_code == 200
        assert len(asset.content) > 100


def test_the_style_sheet_loads_nothing_from_elsewhere(london: httpx.Client) -> None:
    page = london.get("/docs").text
    (sheet,) = (link for link in LINK.findall(page) if link.endswith(".css"))
    loaded = re.findall(r"(?:url\(|@import)\s*[\"']?([^\"')]+)", london.get(sheet).text)
    assert [link for link in loaded if not link.startswith("data:")] == []


def test_the_document_links_nowhere_else(london: httpx.Client) -> None:
    document = london.get("/openapi.json")
    assert document.headers["content-type"] == "application/json"
    assert ELSEWHERE.findall(document.text) == []


def test_the_document_is_written_before_the_first_call_comes() -> None:
    """Writing it takes as long as a hundred calls do."""
    app = create_app(Settings(demo_fleet=False))
    with served(app):
        assert app.openapi_schema is not None
