"""What every test of a field at fault looks at."""

import json
from typing import Any

import httpx

from app.api.problems import PROBLEMS, Problem


def check(client: httpx.Client, path: str, body: Any, field: str, said: str) -> dict[str, Any]:
    """Send a body; the answer must be a problem that names the field and says what is wrong."""
    content = body if isinstance(body, str) else json.dumps(body)
    response = client.post(path, content=content, headers={"content-type": "application/json"})
    problem: dict[str, Any] = response.json()
    assert response.status_code == 422, problem
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["status"] == 422
    assert problem["instance"] == path
    assert problem["title"] == PROBLEMS[Problem(problem["type"])][1]
    faults = {fault["field"]: fault for fault in problem["errors"]}
    assert field in faults, faults
    assert said in faults[field]["message"], faults[field]
    assert problem["detail"]
    fault: dict[str, Any] = faults[field]
    return fault
