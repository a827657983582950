"""Routing for emergency vehicles on a directed, turn-aware road network.

A library of its own: it knows neither web, nor database, nor where networks come from.
"""
