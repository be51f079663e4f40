"""Faces: found, chosen, brought to the frame that the models know, and back into their picture."""
