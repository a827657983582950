"""What is kept: the state of the fleet, and what was recommended."""
