"""Boroughs: all there, all people counted, every junction where the boundaries say it is."""

import gzip
import json
from pathlib import Path

import pytest
import shapely

from geo_data.boroughs import boroughs, read_boroughs
from geo_data.csv_tables import TableError
from geo_data.strategic import main_junctions

CENSUS_2021_LONDON = 8_799_800
"""Usual residents of London (Office for National Statistics, first results of Census 2021)."""

HEADER = "name,population,junctions\n"


def test_all_londoners_live_in_a_borough() -> None:
    people = [borough.population for borough in boroughs()]
    assert len(people) == 33
    # Each is rounded to a hundred.
    assert sum(people) == pytest.approx(CENSUS_2021_LONDON, abs=33 * 50)


def test_every_junction_lies_in_the_borough_that_lists_it(london_data: Path) -> None:
    with gzip.open(london_data / "london_boroughs.geojson.gz", "rt", encoding="utf-8") as file:
        features = json.load(file)["features"]
    bounds = {
        feature["properties"]["NAME"]: shapely.from_geojson(json.dumps(feature["geometry"]))
        for feature in features
    }
    assert set(bounds) == {borough.name for borough in boroughs()}
    listed = [junction for borough in boroughs() for junction in borough.junctions]
    assert len(listed) == len(set(listed))
    for borough in boroughs():
        for junction in borough.junctions:
            assert bounds[borough.name].contains(shapely.Point(junction.lon, junction.lat))


@pytest.mark.parametrize(
    ("row", "complaint"),
    [
        ("Camden,many,angel", "population is 'many'"),
        ("Camden,210100,", "junctions is ''"),
        ("Camden,210100,angel atlantis", "unknown: atlantis"),
    ],
)
def test_a_wrong_cell_is_named(row: str, complaint: str, tmp_path: Path) -> None:
    path = tmp_path / "boroughs.csv"
    path.write_text(HEADER + row + "\n")
    with pytest.raises(TableError) as raised:
        read_boroughs(path, main_junctions())
    assert complaint in str(raised.value)
