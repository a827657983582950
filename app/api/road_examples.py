"""Requests of ways and closures to try, answered on the embedded network."""

from typing import Final

from app.api.examples import PECKHAM, TRAFALGAR_SQUARE, Examples

ROUTE_EXAMPLES: Final[Examples] = {
    "across_the_river": {
        "summary": "On blue lights from the Elephant and Castle to Trafalgar Square",
        "value": {"from": {"lat": 51.4946, "lon": -0.1005}, "to": TRAFALGAR_SQUARE},
    },
    "normal_road": {
        "summary": "The same at normal speed",
        "value": {
            "from": {"lat": 51.4946, "lon": -0.1005},
            "to": TRAFALGAR_SQUARE,
            "profile": "normal_road",
        },
    },
    "explained": {
        "summary": "The same with steps, alternatives, and what it costs others",
        "value": {
            "from": {"lat": 51.4946, "lon": -0.1005},
            "to": TRAFALGAR_SQUARE,
            "at": "2021-01-18T08:30:00Z",
            "alternatives": 2,
            "steps": True,
            "also_priced_as": [
                {"profile": "normal_road", "at": "2021-01-18T08:30:00Z"},
                {"profile": "blue_light", "at": "2021-01-18T03:00:00Z"},
            ],
        },
    },
}

MATRIX_EXAMPLES: Final[Examples] = {
    "hospitals": {
        "summary": "From three places to two hospitals, with distances",
        "value": {
            "from": [TRAFALGAR_SQUARE, PECKHAM, {"easting": 531100, "northing": 176900}],
            "to": [{"lat": 51.4987, "lon": -0.1188}, {"lat": 51.4683, "lon": -0.0936}],
            "distances": True,
        },
    },
    "each_other": {
        "summary": "Between three places in the rush hour, at normal speed",
        "value": {
            "from": [TRAFALGAR_SQUARE, PECKHAM, {"lat": 51.4946, "lon": -0.1005}],
            "profile": "normal_road",
            "at": "2021-01-18T08:30:00Z",
        },
    },
}

ISOCHRONE_EXAMPLES: Final[Examples] = {
    "fleet": {
        "summary": "Where the available fleet could be within 7, 15 and 18 minutes",
        "description": "A wide strip along roads, as the embedded network has main roads only.",
        "value": {"from": "fleet", "limits_s": [420, 900, 1080], "off_road_m": 400},
    },
    "fleet_conveying": {
        "summary": "Where a vehicle that can convey a patient could be within 18 minutes",
        "value": {
            "from": "fleet",
            "limits_s": [1080],
            "off_road_m": 400,
            "category": "C2",
            "needs": {"conveyance": True},
        },
    },
    "place": {
        "summary": "How far one gets from Trafalgar Square at normal speed",
        "value": {
            "from": TRAFALGAR_SQUARE,
            "limits_s": [300, 600],
            "profile": "normal_road",
        },
    },
}

SNAP_EXAMPLES: Final[Examples] = {
    "whitehall": {
        "summary": "A vehicle near Trafalgar Square",
        "value": {"location": TRAFALGAR_SQUARE},
    },
    "heading": {
        "summary": "A vehicle that drives east",
        "value": {"location": {"easting": 530034, "northing": 180381}, "heading_deg": 90},
    },
}

CLOSURE_EXAMPLES: Final[Examples] = {
    "tower_bridge": {
        "summary": "Tower Bridge is up",
        "description": "A street by its name; `within` keeps to one of several so called.",
        "value": {
            "closure_id": "tower-bridge",
            "street": {
                "name": "Tower Bridge",
                "within": {
                    "type": "Polygon",
                    "coordinates": [
                        [
                            [-0.08, 51.502],
                            [-0.07, 51.502],
                            [-0.07, 51.511],
                            [-0.08, 51.511],
                            [-0.08, 51.502],
                        ]
                    ],
                },
            },
            "note": "Bridge lift",
        },
    },
    "cordon": {
        "summary": "A cordon around Trafalgar Square: shut, but still reached",
        "value": {
            "closure_id": "cordon-17",
            "area": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [-0.131, 51.506],
                        [-0.125, 51.506],
                        [-0.125, 51.51],
                        [-0.131, 51.51],
                        [-0.131, 51.506],
                    ]
                ],
            },
            "note": "Suspect package",
        },
    },
    "eastbound": {
        "summary": "One side of Marylebone Road takes three times as long, eastbound",
        "value": {
            "closure_id": "works-2291",
            "effect": "slowed",
            "time_factor": 3,
            "line": {
                "type": "LineString",
                "coordinates": [
                    [-0.1622, 51.5212],
                    [-0.1576, 51.5222],
                    [-0.1518, 51.5231],
                    [-0.1435, 51.5241],
                ],
            },
            "tolerance_m": 25,
            "one_way": True,
        },
    },
    "planned": {
        "summary": "Westminster Bridge, for a morning years ahead",
        "value": {
            "closure_id": "marathon",
            "street": {"name": "Westminster Bridge"},
            "starts_at": "2099-04-26T07:00:00+01:00",
            "ends_at": "2099-04-26T19:00:00+01:00",
            "note": "Marathon",
        },
    },
}

CLOSURE_BATCH_EXAMPLES: Final[Examples] = {
    "two": {
        "summary": "Two street works of next summers",
        "value": {
            "closures": [
                {
                    "closure_id": "works-7001",
                    "street": {"name": "Blackfriars Bridge"},
                    "starts_at": "2098-07-01T00:00:00+01:00",
                },
                {
                    "closure_id": "works-7002",
                    "effect": "slowed",
                    "speed_mps": 4.5,
                    "street": {"name": "Lambeth Bridge"},
                    "starts_at": "2099-07-01T00:00:00+01:00",
                },
            ]
        },
    },
}

CLOSURE_ID_EXAMPLE: Final[Examples] = {
    "tower_bridge": {"summary": "Put it first, above", "value": "tower-bridge"}
}
