"""How the service presents itself at `/docs`."""

from typing import Any, Final

from fastapi import FastAPI
from pydantic import TypeAdapter

from app.api.problems import PROBLEMS, ProblemDetails

TITLE: Final = "nearest-crew"

_INTRODUCTION: Final = """
**Which crew can be with this patient first?** Give it a 999 call; it names the suitable vehicles
that can be there soonest, when each will arrive, by which way, and why the others were left out.
The dispatcher decides.

**Try it now.** Open *Which vehicles should go to this call?* below, choose an example and press
*Execute*. Started without a network of its own, the service stands on a strategic map of
London's main roads with a made-up fleet on duty: good for trying, not for real calls
(`GET /v1/network` says what is in service).

* **Places** are `{"lat", "lon"}` in WGS84 degrees or `{"easting", "northing"}` in British
  National Grid metres. Routes are GeoJSON, in lon-lat order.
* **Times** are RFC 3339 with an offset, durations seconds, lengths metres.
* **Who drives** an ambulance (`LAS`, `MPS`, `LFB`) is for people to see; no rule depends on it.
* **Errors** are problem details (RFC 9457, `application/problem+json`): decide by `type`;
  `errors` names each field at fault.
""".strip()


def _problem_table() -> str:
    rows = (
        f"| `{problem}` | {status} | {title} |" for problem, (status, title) in PROBLEMS.items()
    )
    return "\n".join(("| type | status | meaning |", "|---|---|---|", *rows))


DESCRIPTION: Final = f"""{_INTRODUCTION}

<details><summary>All problem types</summary>

{_problem_table()}

</details>"""

TAGS: Final = [
    {"name": "Recommendations", "description": "A call comes in: which vehicles should go?"},
    {"name": "Fleet", "description": "Who is on duty, where, and doing what."},
    {
        "name": "Roads",
        "description": "Ways, closures, and the network they are found on.",
    },
    {"name": "Replays", "description": "Past calls, answered again."},
    {"name": "Operation", "description": "For whatever watches over the service."},
]


class DocumentedApp(FastAPI):
    """A FastAPI app whose OpenAPI document knows the problem details."""

    def openapi(self) -> dict[str, Any]:
        """The OpenAPI document."""
        if self.openapi_schema is None:
            document = super().openapi()
            problem = TypeAdapter(ProblemDetails).json_schema(
                mode="serialization", ref_template="#/components/schemas/{model}"
            )
            schemas = document["components"]["schemas"]
            schemas.update(problem.pop("$defs"))
            schemas["ProblemDetails"] = problem
        assert self.openapi_schema is not None
        return self.openapi_schema
