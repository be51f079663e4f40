"""Folders -> pairs -> split -> batches."""
