"""The page's tabs, in their order: a tab is a module here and one line in TABS. Its texts begin with its name."""

from . import batch, compare, draw, how_it_works, live, photo, round_trip

TABS = {
    "photo": photo.tab,
    "draw": draw.tab,
    "compare": compare.tab,
    "live": live.tab,
    "batch": batch.tab,
    "round_trip": round_trip.tab,
    "how_it_works": how_it_works.tab,
}
MORE = ("batch", "round_trip", "how_it_works")  # inside the last tab, so that all others fit on a phone
