"""Other routing engines, built from the same data and asked the same questions.

They come from `benchmarks/requirements.txt` and want Python 3.12 or later; `make bench` makes them
an environment of their own.
"""
