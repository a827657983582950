"""`python -m app` is the `nearest-crew` command."""

from app.cli import main

if __name__ == "__main__":  # worker processes import this module too
    main()
