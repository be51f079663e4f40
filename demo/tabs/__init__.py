"""The page's tabs, in their order: a tab is a module here and one line in TABS. Its texts begin with its name."""

from . import batch, compare, draw, live, photo, results, round_trip

TABS = {
    "photo": photo.tab,
    "draw": draw.tab,
    "compare": compare.tab,
    "live": live.tab,
    "batch": batch.tab,
    "round_trip": round_trip.tab,
    "results": results.tab,
}
MORE = ("batch", "round_trip", "results")  # inside the last tab, so that all others fit on a phone
