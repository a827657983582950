"""The service: HTTP edge, dispatch domain, and what is kept of the fleet and of decisions."""
