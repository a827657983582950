"""What junctions cost, worked out a second time from tags and shapes, one turn at a time.

- Only where the map shows traffic lights at some junction do lights, right turns, roundabouts and
  turning round cost anything; there, streets are driven at the speed between junctions.
- Lights cost once within `one_junction_m`: what lies that far back, on any way on the map that does
  not turn back on itself, is taken off.
- A turn by more than `turning_from_deg` to the side of the oncoming traffic crosses it, where three
  streets or more meet, either street of the turn is two-way and none is a roundabout.
- All that grows with the traffic of the hour, and is rounded once.
- Humps, zebra crossings and mini-roundabouts cost the same at all hours, on maps of every kind.
"""

import heapq
import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping

from routing.network import NO_TWIN, RoadNetwork
from routing.profiles import Profile

ANIMALS = {"pelican", "puffin", "toucan", "pegasus"}


class JunctionOracle:
    """Delays of single turns and streets."""

    def __init__(self, network: RoadNetwork, profile: Profile, hour: int | None) -> None:
        self._network, self._profile, self._hour = network, profile, hour
        once = slice(network.base_count)  # no copies
        self._tags = [network.tag_sets[i] for i in network.segment_tags[once].tolist()]
        self._at = [network.tag_sets[i] for i in network.junction_tags.tolist()]
        self._from = network.segment_from[once].tolist()
        self._to = network.segment_to[once].tolist()
        self._twin = network.segment_twin[once].tolist()
        self._length_mm = [round(m * 1000) for m in network.segment_length_m[once].tolist()]
        self._arriving: defaultdict[int, list[int]] = defaultdict(list)
        for segment, end in enumerate(self._to):
            self._arriving[end].append(segment)
        self._streets = Counter(
            place
            for segment, twin in enumerate(self._twin)
            if twin == NO_TWIN or segment < twin
            for place in (self._from[segment], self._to[segment])
        )
        self._lights_before: dict[int, int] = {}
        self._surveyed = any(tags.get("highway") == "traffic_signals" for tags in self._at)
        delays = profile.delays
        self.turn_round_ms = round(delays.turn_round_s * 1000) if self._surveyed else 0

    def speed_mps(self, tags: Mapping[str, str]) -> float | None:
        """How fast a street is driven on this map."""
        if self._surveyed:
            return self._profile.between_junctions_mps(tags, self._hour)
        return self._profile.speed_mps(tags, self._hour)

    def along_street_ms(self, segment: int) -> int:
        """Humps and zebra crossings between the ends of a segment."""
        cost_s = self._profile.delays.passing_s
        lost_s = 0.0
        for one in self._tags[segment].get("passes", "").split():
            kind, count = one.split("=")
            lost_s += int(count) * cost_s.get(kind, 0)
        return round((lost_s + cost_s.get(self._tags[segment].get("traffic_calming", ""), 0)) * 1e3)

    def turn_ms(self, before: int, after: int) -> int:
        """What is lost by driving on from one segment to another that is not its twin."""
        junction = self._at[self._to[before]]
        delays = self._profile.delays
        passing_s = delays.passing_s.get(_passed(junction), 0)
        if junction.get("highway") == "mini_roundabout":
            passing_s += delays.mini_roundabout_s
        lost_ms = round(passing_s * 1000)
        if not self._surveyed:
            return lost_ms
        traffic_ms = max(0, self._lights_ms(self._to[before]) - self._lights_before_ms(before))
        if self._on_ring(after) and not self._on_ring(before):
            traffic_ms += round(delays.roundabout_s * 1000)
        if self._crosses_traffic(before, after):
            traffic_ms += round(delays.across_traffic_s * 1000)
        factor = self._profile.traffic.time_factor(self._tags[after]["highway"], self._hour)
        return lost_ms + round(traffic_ms * factor)

    def _lights_ms(self, junction: int) -> int:
        tags = self._at[junction]
        if tags.get("highway") == "traffic_signals":
            return round(self._profile.delays.signals_s * 1000)
        lit = tags.get("crossing") in {"traffic_signals", *ANIMALS}
        if tags.get("highway") == "crossing" and (lit or tags.get("crossing:signals") == "yes"):
            return round(self._profile.delays.signal_crossing_s * 1000)
        return 0

    def _lights_before_ms(self, segment: int) -> int:
        """The dearest lights near behind the end of a segment."""
        if segment not in self._lights_before:
            behind = (self._lights_ms(one) for one in self._near_behind(segment))
            self._lights_before[segment] = max(behind, default=0)
        return self._lights_before[segment]

    def _near_behind(self, segment: int) -> Iterator[int]:
        """Junctions behind the end of a segment, no further than belongs to one junction."""
        within_mm = round(self._profile.delays.one_junction_m * 1000)
        seen: set[int] = set()
        waiting = [(self._length_mm[segment], segment)]
        while waiting:
            since_mm, this = heapq.heappop(waiting)
            if this in seen or since_mm > within_mm:
                continue
            seen.add(this)
            yield self._from[this]
            for earlier in self._arriving[self._from[this]]:
                against_traffic = "contraflow" in self._tags[earlier]
                if earlier != self._twin[this] and not against_traffic:
                    heapq.heappush(waiting, (since_mm + self._length_mm[earlier], earlier))

    def _on_ring(self, segment: int) -> bool:
        return self._tags[segment].get("junction") in {"roundabout", "circular"}

    def _crosses_traffic(self, before: int, after: int) -> bool:
        if self._on_ring(before) or self._on_ring(after) or self._streets[self._to[before]] < 3:
            return False
        if not self._two_way(before) and not self._two_way(after):
            return False
        turned = self._turned_deg(before, after)
        if abs(turned) == 180:
            return True
        if self._profile.delays.drives_on.value == "right":
            turned = -turned
        return turned > self._profile.delays.turning_from_deg

    def _two_way(self, segment: int) -> bool:
        both = (segment, self._twin[segment])
        return NO_TWIN not in both and not any("contraflow" in self._tags[one] for one in both)

    def _turned_deg(self, before: int, after: int) -> float:
        """Change of heading in tenths of a degree, right being positive."""
        arriving, leaving = self._pieces(before), self._pieces(after)
        if not arriving or not leaving:
            return 0.0
        (east_1, north_1), (east_2, north_2) = arriving[-1], leaving[0]
        turned = math.atan2(east_2, north_2) - math.atan2(east_1, north_1)
        while turned >= math.pi:
            turned -= 2 * math.pi
        while turned < -math.pi:
            turned += 2 * math.pi
        return round(math.degrees(turned), 1)

    def _pieces(self, segment: int) -> list[tuple[float, float]]:
        network = self._network
        points = slice(network.shape_first[segment], network.shape_first[segment + 1])
        x, y = network.shape_x_m[points].tolist(), network.shape_y_m[points].tolist()
        steps = [(x[i + 1] - x[i], y[i + 1] - y[i]) for i in range(len(x) - 1)]
        return [step for step in steps if step != (0.0, 0.0)]


def _passed(tags: Mapping[str, str]) -> str:
    """A hump or zebra crossing right on a junction."""
    if "traffic_calming" in tags:
        return tags["traffic_calming"]
    if tags.get("crossing") in {"zebra", "uncontrolled"} or "zebra" in tags.get(
        "crossing:markings", ""
    ):
        lit = tags.get("highway") == "crossing" and tags.get("crossing:signals") == "yes"
        return "" if lit else "zebra"
    return ""
