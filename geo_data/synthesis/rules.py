"""What made-up local streets look like: every number of the generator, with its reason.

Lengths and shares without a source are chosen so that the whole resembles London as
OpenStreetMap draws it for driving: about 1.4 stretches of street per junction, half of them
shorter than 60 to 80 m, a sixth one-way, two thirds residential.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True)
class RoadClassRule:
    """How a class of street takes part.

    Attributes
    ----------
    joined
        Share of local streets reaching such a road that really join it.
    clearance_m
        Junctions along such a road closer together than this become one.
    """

    joined: float
    clearance_m: float


BORDER_RULES: Mapping[str, RoadClassRule] = {
    "motorway": RoadClassRule(joined=0.0, clearance_m=60.0),
    "trunk": RoadClassRule(joined=0.55, clearance_m=50.0),
    "primary": RoadClassRule(joined=0.7, clearance_m=45.0),
    "secondary": RoadClassRule(joined=0.8, clearance_m=40.0),
    "ferry": RoadClassRule(joined=0.0, clearance_m=60.0),
    "collector": RoadClassRule(joined=0.9, clearance_m=25.0),
    "barrier": RoadClassRule(joined=0.0, clearance_m=60.0),
}
"""By what bounds a quarter: a main road, a collector road, or water and the edge of the map.
Main roads get a junction every 100 to 200 m this way."""

OUT_OF_REACH = frozenset({"bridge", "tunnel"})
"""Main roads so tagged are joined at their ends only."""


def main_road_rule(tags: Mapping[str, str]) -> RoadClassRule:
    """How a main road with these tags takes part."""
    rule = BORDER_RULES[tags["highway"]]
    return replace(rule, joined=0.0) if OUT_OF_REACH & tags.keys() else rule


CHARING_CROSS_DEG = (51.50735, -0.12776)
"""Statue of Charles I, from which distances to London are measured (latitude, longitude)."""

DENSITY_DECAY_M = 9_000.0
"""Distance from Charing Cross over which density falls to 1/e (that it falls exponentially: Clark
1951, Urban population densities; the 9 km: assumption)."""

DENSITY_BANDWIDTH_M = 1_500.0
"""Reach of one main junction's or ambulance station's pull on density."""

DENSITY_NOISE = 0.06
"""Standard deviation of a quarter's density around the model: what leaves parks and villages."""

SETTLED_WITHIN_M = 700.0
SETTLED_SCORE = 0.5
"""Quarters whose middle lies this near an ambulance station or hospital are built up before
others of this density."""

GREEN_SHARE = 0.07
"""Share of quarters that stay parks, water or railway land wherever they are."""

QUARTER_SPACING_M = (430.0, 760.0)
"""Distance between the middles of neighbouring quarters, where London is densest and least."""

ROW_SPACING_M = (64.0, 92.0)
"""Depth of a block from street to street (two plots of 25 to 35 m and the street), likewise."""

CROSS_SPACING_M = (125.0, 230.0)
"""Length of a block between cross streets, likewise."""

SPACING_JITTER = 0.3
"""Spacings vary by this share either way."""

CROSSROADS_REACH_M = 24.0
"""Cross streets that would meet a row this close to each other meet it at one crossroads."""

SHORTEST_STREET_M = 22.0

SHARPEST_JOIN_SINE = 0.5
"""Streets meet borders at 30 degrees or more."""

CUL_DE_SAC_SHARE = 0.42
"""Share of the stretches long enough for it from which a cul-de-sac branches off."""

CUL_DE_SAC_STRETCH_M = 70.0
CUL_DE_SAC_DEPTH = 0.46
"""As a share of the block's depth."""

PARALLEL_DISTANCE_M = 70.0
"""A collector road that runs this close beside a main road is left out."""

BEND_WAVELENGTHS_M = (620.0, 1_150.0)
BEND_AMPLITUDE_M = 26.0
BEND_FREE_M = 160.0
"""Streets wander by slow waves; not at main roads, and in full this far from them."""

ONE_WAY_SHARE = (0.36, 0.20)
"""Share of local streets that are one-way, where London is densest and least."""

COLLECTOR_CLASSES = (("secondary", 0.15), ("tertiary", 0.55), ("unclassified", 0.30))
ROW_CLASSES = (("residential", 0.86), ("unclassified", 0.10), ("living_street", 0.04))
CROSS_CLASSES = (("residential", 0.90), ("service", 0.06), ("unclassified", 0.04))
CUL_DE_SAC_CLASSES = (("residential", 0.55), ("service", 0.45))
"""Classes and their shares, by the part a street plays; of collectors by length, longest first."""

SPEED_LIMITS: Mapping[str, str] = {
    "secondary": "30 mph",
    "tertiary": "20 mph",
    "unclassified": "20 mph",
    "residential": "20 mph",
    "living_street": "20 mph",
    "service": "10 mph",
}
"""Most London boroughs have 20 mph on all roads but the main ones."""

SIGNALS_AT_MAIN_CROSSINGS = 0.85
SIGNALS_AT_COLLECTORS = 0.3
"""Share of junctions with traffic signals, among those of main roads with each other (three or
more arms) and of main roads with secondary and tertiary ones."""

RIVER_HALF_WIDTHS_M = ((-0.46, 35.0), (-0.31, 45.0), (-0.22, 90.0), (-0.10, 120.0))
RIVER_HALF_WIDTHS_BELOW_M = ((-0.03, 140.0), (0.03, 190.0), (0.08, 260.0), (0.35, 380.0))
"""Half the width of the Thames at high water by longitude in degrees, roughly, above and below
London Bridge; straight lines in between."""
