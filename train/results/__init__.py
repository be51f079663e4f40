"""What trained models score and show, their cards, and their way to the Hub."""
