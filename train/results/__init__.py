"""What trained models score and draw; model cards, reports, and the Hub."""
