"""The page's tabs, in their order: a tab is a module here and one line in TABS. Its texts begin with its name."""

from . import batch, compare, draw, live, results, round_trip, sketch

TABS = {
    "sketch": sketch.tab,
    "live": live.tab,
    "draw": draw.tab,
    "round_trip": round_trip.tab,
    "compare": compare.tab,
    "batch": batch.tab,
    "results": results.tab,
}
