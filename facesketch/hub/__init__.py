"""Weights: checked before use, downloaded from the Hub, and Hub repos that override the embedded models."""
