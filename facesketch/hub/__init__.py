"""Weights: checked before use, fetched from the Hub, and Hub repos that stand in for the embedded ones."""
