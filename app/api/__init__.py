"""The HTTP edge: what may be asked, what is answered, and nothing else."""
