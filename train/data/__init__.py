"""Folders to pairs, pairs to parts, parts to batches."""
