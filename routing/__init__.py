"""Routing for emergency vehicles on a directed, turn-aware road network.

A library of its own: it knows neither web, nor database, nor where networks come from.

Examples
--------
Four streets round a block of a kilometre by 900 m and a lane out of town; larger networks are
loaded with `routing.storage.load_network`. Examples in all modules go on in this town.

>>> from routing.build import build_network
>>> from routing.geometry import polyline_length_m
>>> from routing.network import Provenance
>>> from routing.streets import Street, StreetMap, SurveyedJunction
>>> corner = {
...     "SW": (51.500, -0.120), "SE": (51.500, -0.105),
...     "NW": (51.508, -0.120), "NE": (51.508, -0.105), "farm": (51.509, -0.103),
... }
>>> number = {name: place for place, name in enumerate(corner)}
>>> def street(start, end, name, highway="residential"):
...     shape = [corner[start], corner[end]]
...     return Street(
...         number[start], number[end], forward=True, backward=True, shape=shape,
...         length_m=polyline_length_m(shape), tags={"highway": highway}, name=name,
...     )
>>> streets = StreetMap(
...     junctions={number[name]: SurveyedJunction(*corner[name]) for name in corner},
...     streets=[
...         street("SW", "SE", "South Street"),
...         street("SE", "NE", "East Street"),
...         street("NW", "NE", "North Street"),
...         street("SW", "NW", "West Street", highway="primary"),
...         street("NE", "farm", "Farm Lane"),
...     ],
... )
>>> town = build_network(
...     streets, name="Town", provenance=Provenance("by hand", "none", "nobody", "an example")
... )
>>> town.segment_count
10

A position lies on a street. Times are whole milliseconds; each vehicle has its delay.

>>> from routing.engine import Starts
>>> from routing.router import Router
>>> router = Router(town)
>>> def place(lat, lon):
...     return router.snap(lat, lon, profile="blue_light", radius_m=500)
>>> call, crew, car = place(51.5079, -0.110), place(51.5001, -0.115), place(51.504, -0.1051)
>>> fleet = Starts.at([crew, car], delay_ms=[0, 20_000])
>>> roads = router.roads("blue_light")
>>> [arrival.vehicle for arrival in roads.nearest(call, fleet, limit=2)]
[1, 0]

One way in steps, and what it costs on Monday from 8 to 9 without blue lights.

>>> way = roads.route(crew, call)
>>> for step in roads.steps(way):
...     print(step.instruction)
head west on South Street
turn right into West Street
turn right into North Street
arrive, on North Street
>>> rush_hour = router.roads("normal_road", hour=8)
>>> rush_hour.price(way).drive_ms > way.drive_ms
True

Closing a street changes every answer asked for afterwards; reopening it changes them back.

>>> from routing.closures import Closure, NamedStreet, Shut
>>> _ = router.close(Closure("works", Shut(), NamedStreet("West Street")))
>>> router.path(router.roads("blue_light").route(crew, call)).streets
('South Street', 'East Street', 'North Street')
>>> router.reopen("works")

What both vehicles reach within half a minute and within five, as Shapely polygons with holes.

>>> from routing.isochrones import isochrones
>>> soon, later = isochrones(roads.reach(fleet, limit_ms=300_000), [30_000, 300_000])
>>> later.area.covers(soon.area)
True
>>> [len(part.interiors) for part in later.area.geoms]
[1]

Times from two places to one, row by row.

>>> [rows.tolist() for rows in roads.matrix([call, car], [call])]  # doctest: +ELLIPSIS
[[[0]], [[...]]]
"""
