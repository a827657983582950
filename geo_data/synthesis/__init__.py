"""Growing made-up local streets between main roads."""
