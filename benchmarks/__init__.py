"""Reproducible measurements beside named peers: `make bench`, described in `README.md` here."""
