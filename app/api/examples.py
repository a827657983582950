"""Requests to try, all answered by the demo fleet on the embedded network."""

from typing import Any, Final

Examples = dict[str, Any]

_TRAFALGAR_SQUARE: Final = {"lat": 51.508, "lon": -0.1281}
_PECKHAM: Final = {"lat": 51.4737, "lon": -0.0686}

RECOMMENDATION_EXAMPLES: Final[Examples] = {
    "cardiac_arrest": {
        "summary": "C1: cardiac arrest at Trafalgar Square",
        "description": "Whoever can start treatment first: a cycle or a car may be among them.",
        "value": {
            "call": {
                "call_id": "CAD-0421",
                "location": _TRAFALGAR_SQUARE,
                "category": "C1",
            },
            "limit": 5,
        },
    },
    "stroke": {
        "summary": "C2: stroke in Lewisham, to be taken to hospital",
        "description": "Only vehicles that can convey count, with a paramedic aboard.",
        "value": {
            "call": {
                "call_id": "CAD-0422",
                "location": {"lat": 51.462, "lon": -0.0105},
                "category": "C2",
                "needs": {"conveyance": True, "skills": ["paramedic"]},
            },
            "limit": 3,
        },
    },
    "police_driver": {
        "summary": "C2: chest pain in Peckham, where a police-driven ambulance is nearest",
        "description": "An ambulance with a police driver is an ambulance like any other.",
        "value": {
            "call": {
                "call_id": "CAD-0423",
                "location": _PECKHAM,
                "category": "C2",
                "needs": {"conveyance": True},
            },
            "limit": 3,
        },
    },
    "nobody_suitable": {
        "summary": "C2: a call that nobody on duty is equipped for",
        "description": "An answer too: no options, a shortfall, and why each was left out.",
        "value": {
            "call": {
                "call_id": "CAD-0424",
                "location": _TRAFALGAR_SQUARE,
                "category": "C2",
                "needs": {"skills": ["hazardous_area"]},
            },
        },
    },
    "national_grid": {
        "summary": "C3: a fall in Lambeth, given in easting and northing",
        "description": "British National Grid metres, as gazetteers and police systems give them.",
        "value": {
            "call": {
                "call_id": "CAD-0425",
                "location": {"easting": 531100, "northing": 176900},
                "category": "C3",
            },
            "limit": 3,
            "include_routes": False,
        },
    },
    "vehicles_sent_along": {
        "summary": "C2: two vehicles sent along, as they stood on a winter evening",
        "description": "The fleet held here is left aside; `at` is the minute to decide for.",
        "value": {
            "call": {
                "call_id": "CAD-210117-0421",
                "location": _TRAFALGAR_SQUARE,
                "category": "C2",
                "received_at": "2021-01-17T18:42:05Z",
                "needs": {"conveyance": True},
            },
            "at": "2021-01-17T18:43:00Z",
            "vehicles": [
                {
                    "vehicle_id": "A201",
                    "vehicle_type": "emergency_ambulance",
                    "driver_agency": "MPS",
                    "status": "available_mobile",
                    "skills": ["paramedic"],
                    "position": {
                        "location": {"lat": 51.4946, "lon": -0.1005},
                        "reported_at": "2021-01-17T18:42:31Z",
                        "heading_deg": 340.0,
                        "speed_mps": 0.5,
                    },
                },
                {
                    "vehicle_id": "A114",
                    "vehicle_type": "emergency_ambulance",
                    "status": "available_mobile",
                    "position": {
                        "location": {"easting": 529600, "northing": 180600},
                        "reported_at": "2021-01-17T18:12:00Z",
                    },
                },
            ],
        },
    },
}

VEHICLE_HELD_EXAMPLE: Final[Examples] = {
    "demo": {"summary": "An ambulance of the demo fleet", "value": "F101"}
}
SPARE_VEHICLE_EXAMPLE: Final[Examples] = {
    "spare": {"summary": "An id of your own: put it, change it, remove it", "value": "DEMO1"}
}

RESULT_FILE_EXAMPLE: Final[Examples] = {
    "report": {"summary": "One page for people", "value": "report.html"}
}

_AMBULANCE: Final = {
    "vehicle_type": "emergency_ambulance",
    "driver_agency": "MPS",
    "status": "available_mobile",
    "skills": ["paramedic"],
    "station": "F1",
}

VEHICLE_EXAMPLES: Final[Examples] = {
    "police_driven": {
        "summary": "An ambulance with a police driver, yet to report where it is",
        "value": _AMBULANCE,
    },
    "with_position": {
        "summary": "The same with a position: give the present time, or it counts as stale",
        "value": {
            **_AMBULANCE,
            "position": {
                "location": {"lat": 51.5126, "lon": -0.1195},
                "reported_at": "2021-01-17T18:42:31Z",
                "heading_deg": 225,
                "speed_mps": 8.5,
            },
        },
    },
    "off_duty": {
        "summary": "A motorcycle, not on duty and without a position",
        "value": {"vehicle_type": "motorcycle", "status": "out_of_service"},
    },
}

CHANGE_EXAMPLES: Final[Examples] = {
    "at_scene": {"summary": "It has arrived at the patient", "value": {"status": "at_scene"}},
    "new_crew": {
        "summary": "A new crew has taken over",
        "value": {"driver_agency": "LFB", "skills": ["emergency_medical_technician"]},
    },
}

VEHICLE_BATCH_EXAMPLES: Final[Examples] = {
    "two": {
        "summary": "Two ambulances, one with a police driver, yet to report where they are",
        "value": {
            "vehicles": [
                {"vehicle_id": "T901", **_AMBULANCE},
                {"vehicle_id": "T902", **_AMBULANCE, "driver_agency": "LAS"},
            ]
        },
    },
}

POSITION_EXAMPLES: Final[Examples] = {
    "late": {
        "summary": "Two fixes, older than those held and so ignored",
        "value": {
            "positions": [
                {
                    "vehicle_id": "F101",
                    "location": {"lat": 51.5036, "lon": -0.1102},
                    "reported_at": "2021-01-17T18:42:31Z",
                    "heading_deg": 90,
                    "speed_mps": 11.0,
                },
                {
                    "vehicle_id": "N131",
                    "location": {"easting": 534100, "northing": 176600},
                    "reported_at": "2021-01-17T18:42:33Z",
                },
            ]
        },
    },
}

ROUTE_EXAMPLES: Final[Examples] = {
    "across_the_river": {
        "summary": "On blue lights from the Elephant and Castle to Trafalgar Square",
        "value": {"from": {"lat": 51.4946, "lon": -0.1005}, "to": _TRAFALGAR_SQUARE},
    },
    "normal_road": {
        "summary": "The same at normal speed",
        "value": {
            "from": {"lat": 51.4946, "lon": -0.1005},
            "to": _TRAFALGAR_SQUARE,
            "profile": "normal_road",
        },
    },
    "explained": {
        "summary": "The same with steps, alternatives, and what it costs others",
        "value": {
            "from": {"lat": 51.4946, "lon": -0.1005},
            "to": _TRAFALGAR_SQUARE,
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
            "from": [_TRAFALGAR_SQUARE, _PECKHAM, {"easting": 531100, "northing": 176900}],
            "to": [{"lat": 51.4987, "lon": -0.1188}, {"lat": 51.4683, "lon": -0.0936}],
            "distances": True,
        },
    },
    "each_other": {
        "summary": "Between three places in the rush hour, at normal speed",
        "value": {
            "from": [_TRAFALGAR_SQUARE, _PECKHAM, {"lat": 51.4946, "lon": -0.1005}],
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
            "from": _TRAFALGAR_SQUARE,
            "limits_s": [300, 600],
            "profile": "normal_road",
        },
    },
}

SNAP_EXAMPLES: Final[Examples] = {
    "whitehall": {
        "summary": "A vehicle near Trafalgar Square",
        "value": {"location": _TRAFALGAR_SQUARE},
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

RECOMMENDATION_ANSWER_EXAMPLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            "application/json": {
                "example": {
                    "recommendation_id": "5b0c7c4e-6d0d-4c52-9f5e-3f1d6f0f4b0a",
                    "call_id": "CAD-210117-0421",
                    "call": {
                        "call_id": "CAD-210117-0421",
                        "location": _TRAFALGAR_SQUARE,
                        "category": "C2",
                        "received_at": "2021-01-17T18:42:05Z",
                        "needs": {"conveyance": True, "skills": [], "vehicle_types": []},
                    },
                    "decided_at": "2021-01-17T18:43:00Z",
                    "options": [
                        {
                            "rank": 1,
                            "vehicle_id": "A201",
                            "vehicle_type": "emergency_ambulance",
                            "driver_agency": "MPS",
                            "status": "available_mobile",
                            "station": "",
                            "clinician_aboard": True,
                            "skills": ["paramedic"],
                            "blue_light_trained": True,
                            "position": {
                                "location": {"lat": 51.4946, "lon": -0.1005},
                                "reported_at": "2021-01-17T18:42:31Z",
                                "heading_deg": 340.0,
                                "speed_mps": 0.5,
                            },
                            "eta": {
                                "total_s": 309.849,
                                "p90_s": 481.987,
                                "mobilisation_s": 20.0,
                                "drive_s": 222.985,
                                "access_s": 66.864,
                                "standard_s": 2400.0,
                                "meets_standard_probability": 1.0,
                                "estimated": False,
                            },
                            "distance_m": 2741.6,
                            "arrives_at": "2021-01-17T18:48:09.849000Z",
                            "reasons": [
                                "nearest by road: 5 min 10 s, 2.7 km",
                                "police-driven (MPS) ambulance with paramedic aboard",
                                "can convey",
                                "available and mobile: 20 s to move off",
                            ],
                            "route": {
                                "geometry": {
                                    "coordinates": [[-0.1005, 51.4946], [-0.1281, 51.508]],
                                    "type": "LineString",
                                },
                                "properties": {
                                    "distance_m": 2741.6,
                                    "duration_s": 222.985,
                                    "streets": [
                                        "Walworth Road",
                                        "St George's Road",
                                        "Westminster Bridge Road",
                                        "Westminster Bridge",
                                        "Victoria Embankment",
                                        "Northumberland Avenue",
                                        "Cockspur Street",
                                    ],
                                },
                                "type": "Feature",
                            },
                        }
                    ],
                    "suitable": 1,
                    "excluded": [
                        {
                            "vehicle_id": "A114",
                            "reason": "position_stale",
                            "detail": "last fix 31 min ago, limit 5 min",
                        }
                    ],
                    "shortfall": {
                        "reason": "fewer_than_limit",
                        "wanted": 5,
                        "found": 1,
                        "detail": "1 of 2 vehicles may be sent; left out: 1 with a stale position",
                    },
                    "warnings": [
                        {
                            "code": "approximate_network",
                            "detail": "the network Greater London, main roads only is approximate: "
                            "times and routes are indicative only",
                            "vehicle_id": "",
                        }
                    ],
                    "network": {
                        "name": "Greater London, main roads only",
                        "version": "b90f20786077b825",
                        "approximate": True,
                    },
                    "policy_version": "bffc73a486e0",
                }
            }
        }
    }
}
"""What an answer looks like, its route shortened; the figures are of the example sent along."""
