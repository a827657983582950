"""What can go wrong while roads are fetched or read; every message says what to do about it."""


class SourceError(Exception):
    """Base of every error raised while a source of roads is turned into streets."""


class RoadFileError(SourceError, ValueError):
    """A file that is missing, damaged, of another kind, or without roads."""


class AreaError(SourceError, ValueError):
    """A place that is not known, a polygon that is not one, or an area without roads."""


class DownloadError(SourceError, ConnectionError):
    """A server that could not be reached, was too busy, or sent something unusable."""
