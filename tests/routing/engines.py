"""The search engines that must all give the same answers."""

from collections.abc import Callable

from routing.bucket_search import BucketSearch
from routing.engine import SearchEngine
from routing.metric import Metric
from routing.scipy_search import ScipySearch

EngineOf = Callable[[Metric], SearchEngine]

ENGINES: tuple[EngineOf, ...] = (BucketSearch, ScipySearch)
