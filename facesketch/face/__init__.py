"""Faces: detection, selection, alignment to the template, mattes and relighting."""
