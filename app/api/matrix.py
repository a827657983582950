"""Driving times between many places, streamed as they are found."""

import io
import json
from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import asdict
from typing import Annotated, Any, Final

import numpy as np
import pyarrow as pa
from fastapi import APIRouter, Body, Request
from fastapi.responses import StreamingResponse
from numpy.typing import NDArray
from starlette.concurrency import iterate_in_threadpool, run_in_threadpool

from app.api.answers import NetworkName
from app.api.problems import OF_BODIES, Problem, documented
from app.api.road_answers import MatrixAnswer
from app.api.road_examples import MATRIX_EXAMPLES
from app.api.road_questions import all_snapped, require_offered, roads_of
from app.api.road_requests import MatrixRequest
from app.api.service import Service, ServiceOf
from routing.matrix import NO_WAY
from routing.roads import Roads
from routing.snapping import Snap

router = APIRouter(prefix="/v1", tags=["Roads"])

JSON: Final = "application/json"
ARROW: Final = "application/vnd.apache.arrow.stream"

Block = tuple[NDArray[np.int32], NDArray[np.float64] | None]
"""Rows of milliseconds and, where asked for, of metres."""

Blocks = Iterator[Block | None]
"""Rows as they are found; None when there is something to do yet before the next, so that other
questions get their turn."""


@router.post(
    "/matrix",
    operation_id="matrix",
    response_model=MatrixAnswer,
    summary="How long from each of these places to each of those?",
    response_description="A row for each place in `from`, a column for each in `to`.",
    responses={
        **documented(
            *OF_BODIES, Problem.OUTSIDE_AREA, Problem.PROFILE_NOT_OFFERED, Problem.OFF_NETWORK
        ),
        200: {
            "content": {
                ARROW: {
                    "schema": {
                        "type": "string",
                        "format": "binary",
                        "description": "When asked for by `Accept`: an Arrow IPC stream with a row "
                        "for each place in `from`: its number, `duration_s` and, where asked for, "
                        "`distance_m`, each a list of fixed size.",
                    }
                }
            }
        },
    },
)
async def matrix(
    body: Annotated[MatrixRequest, Body(openapi_examples=MATRIX_EXAMPLES)],
    service: ServiceOf,
    request: Request,
) -> StreamingResponse:
    """Find the fastest drives between up to 2,000 and up to 2,000 places, road to road.

    Rows are sent as they are found; `null` stands where no way leads. With `distances`, lengths
    in metres are added: for up to 500 times 500 places, sent when all are known.
    """
    require_offered(service, body.profile)
    places = {"from": body.from_, "to": body.to}
    snaps = [
        await run_in_threadpool(all_snapped, service, sent or body.from_, field, body.profile)
        for field, sent in places.items()
    ]
    roads = await run_in_threadpool(roads_of, service, body.profile, body.at)
    about, blocks = _about(service, roads), _blocks(roads, *snaps, distances=body.distances)
    if ARROW in request.headers.get("accept", ""):
        chunks = _as_arrow(about, blocks, columns=len(snaps[1]), distances=body.distances)
        return StreamingResponse(_beside_the_loop(chunks), media_type=ARROW)
    return StreamingResponse(_beside_the_loop(_as_json(about, blocks)), media_type=JSON)


async def _beside_the_loop(chunks: Iterator[bytes]) -> AsyncIterator[bytes]:
    """Each chunk made in a thread of its turn; empty ones are not sent."""
    async for chunk in iterate_in_threadpool(chunks):
        if chunk:
            yield chunk


def _about(service: Service, roads: Roads) -> dict[str, Any]:
    """What holds for the whole answer."""
    return {
        "closures": [one.closure.closure_id for one in roads.closures],
        "network": asdict(NetworkName.of(service.router.network)),
    }


def _blocks(
    roads: Roads, starts: Sequence[Snap], targets: Sequence[Snap], *, distances: bool
) -> Blocks:
    if not distances:
        for duration_ms in roads.matrix(starts, targets):
            yield duration_ms, None
        return
    columns = []
    for target in targets:
        columns.append(roads.drives_to(target, starts))
        yield None
    duration_ms, distance_m = (np.stack(one, axis=1) for one in zip(*columns, strict=True))
    yield duration_ms, distance_m


def _as_json(about: dict[str, Any], blocks: Blocks) -> Iterator[bytes]:
    """Write rows as they come; lengths follow when all durations are known."""
    opened = json.dumps(about, ensure_ascii=False).removesuffix("}")
    yield f'{opened}, "durations_s": ['.encode()
    separator, metres = "", []
    for block in blocks:
        if block is None:
            yield b""
            continue
        duration_ms, distance_m = block
        yield f"{separator}{_rows(duration_ms / 1000, duration_ms == NO_WAY)}".encode()
        separator = ",\n"
        if distance_m is not None:
            metres.append(_rows(distance_m.round(1), distance_m == NO_WAY))
    distances = f"[{', '.join(metres)}]" if metres else "null"
    yield f'], "distances_m": {distances}}}'.encode()


def _rows(values: NDArray[np.float64], missing: NDArray[np.bool_]) -> str:
    cells = values.astype(object)
    cells[missing] = None
    return ",\n".join(json.dumps(row, separators=(",", ":")) for row in cells.tolist())


def _as_arrow(
    about: dict[str, Any], blocks: Blocks, *, columns: int, distances: bool
) -> Iterator[bytes]:
    """Write a record batch for every block of rows; what holds for all is schema metadata."""
    cells = pa.list_(pa.float64(), columns)
    fields = [pa.field("from", pa.int32()), pa.field("duration_s", cells)]
    if distances:
        fields.append(pa.field("distance_m", cells))
    schema = pa.schema(fields, {name: json.dumps(value) for name, value in about.items()})
    sink = io.BytesIO()
    row = 0
    with pa.ipc.new_stream(sink, schema) as stream:
        for block in blocks:
            if block is None:
                yield b""
                continue
            duration_ms, distance_m = block
            numbers = pa.array(np.arange(row, row + len(duration_ms), dtype=np.int32))
            row += len(duration_ms)
            lists = [_lists(duration_ms / 1000, duration_ms == NO_WAY, columns)]
            if distance_m is not None:
                lists.append(_lists(distance_m.round(1), distance_m == NO_WAY, columns))
            stream.write_batch(pa.record_batch([numbers, *lists], schema=schema))
            yield _taken(sink)
    yield _taken(sink)


def _lists(values: NDArray[np.float64], missing: NDArray[np.bool_], size: int) -> Any:
    cells = pa.array(values.ravel(), mask=missing.ravel())
    return pa.FixedSizeListArray.from_arrays(cells, size)


def _taken(sink: io.BytesIO) -> bytes:
    """What was written since the last time."""
    chunk = sink.getvalue()
    sink.seek(0)
    sink.truncate()
    return chunk
