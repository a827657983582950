"""What can go wrong with a replay, in words for whoever started it."""


class ReplayError(ValueError):
    """A replay that cannot be begun or go on; the message says why and what would be right."""
