"""Whitening the paper of a photographed drawing."""

import numpy as np

from facesketch.face.paper import whiten_paper


def test_paper_becomes_white_and_lines_stay():
    y, x = np.mgrid[:320, :256]
    light = (90 + 0.35 * x + 0.15 * y)[..., None] * [1, 0.95, 0.8]
    drawing = np.full((320, 256, 1), 1.0)
    drawing[60:120, 80:180], drawing[200:203] = 0.15, 0.3
    white = whiten_paper((light * drawing).astype(np.uint8))
    assert (white == white[..., :1]).all()
    paper = white[drawing[..., 0] == 1]
    assert np.percentile(paper, 1) > 235 and white[80:100, 100:160].max() < 70 and white[201].max() < 110
