"""A run: its steps, its state and what it tells; it knows no loss by name."""
