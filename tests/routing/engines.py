"""The search engines that must all give the same answers."""

from collections.abc import Callable

from routing.bucket_search import BucketSearch
from routing.by_density import ByDensity
from routing.cch_search import CchSearch
from routing.contraction import contract
from routing.engine import SearchEngine
from routing.metric import Metric
from routing.scipy_search import ScipySearch

EngineOf = Callable[[Metric], SearchEngine]


def cch_search(metric: Metric) -> CchSearch:
    """The hierarchy's engine, on a hierarchy made for it alone."""
    return CchSearch.of(metric, contract(metric.network))


def by_density(metric: Metric) -> ByDensity:
    """Both compiled engines, as a contracted network is searched."""
    return ByDensity.of(metric, contract(metric.network))


ENGINES: tuple[EngineOf, ...] = (BucketSearch, cch_search, ScipySearch)
