"""The report of a replay: one page that needs nothing but itself."""
