"""`python -m app` is the `nearest-crew` command."""

from app.cli import main

main()
