"""What the invisible mark survives, what it costs, and how wrong secrets score."""
