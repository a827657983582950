"""Requests of calls and vehicles to try, answered by the demo fleet on the embedded network."""

from typing import Any, Final

Examples = dict[str, Any]

TRAFALGAR_SQUARE: Final = {"lat": 51.508, "lon": -0.1281}
PECKHAM: Final = {"lat": 51.4737, "lon": -0.0686}

RECOMMENDATION_EXAMPLES: Final[Examples] = {
    "cardiac_arrest": {
        "summary": "C1: cardiac arrest at Trafalgar Square",
        "description": "Whoever can start treatment first: a cycle or a car may be among them.",
        "value": {
            "call": {
                "call_id": "CAD-0421",
                "location": TRAFALGAR_SQUARE,
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
                "location": PECKHAM,
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
                "location": TRAFALGAR_SQUARE,
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
                "location": TRAFALGAR_SQUARE,
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

RECOMMENDATION_ANSWER_EXAMPLE: Final[dict[int | str, dict[str, Any]]] = {
    200: {
        "content": {
            "application/json": {
                "example": {
                    "recommendation_id": "5b0c7c4e-6d0d-4c52-9f5e-3f1d6f0f4b0a",
                    "call_id": "CAD-210117-0421",
                    "call": {
                        "call_id": "CAD-210117-0421",
                        "location": TRAFALGAR_SQUARE,
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
