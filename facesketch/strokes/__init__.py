"""Stroke-based rendering: a portrait drawn in strokes that follow the photo and the generator's answer."""
