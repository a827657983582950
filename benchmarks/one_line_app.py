"""The HTTP peer: the least a FastAPI endpoint can do."""

from fastapi import FastAPI

app = FastAPI()


@app.post("/")
async def answer() -> dict[str, str]:
    """One line."""
    return {"answer": "yes"}
