"""The photo that stays with a visitor from tab to tab, and the addresses of the tabs."""

import pytest
from visiting import EXAMPLES, PHONE, choose_file, settle, visit, width_of

from demo.tabs import MORE, TABS


def open_tab(page, name: str) -> None:
    page.get_by_role("tab", name=name, exact=True).locator("visible=true").first.click()


def test_the_photo_stays_from_tab_to_tab(url):
    with visit(url) as page:
        choose_file(page, "#photo", EXAMPLES / "grace_hopper.jpg")
        width_of(page, "#sketch img")
        open_tab(page, "Compare")
        page.locator("#compared img[src*='grace_hopper']").wait_for()
        page.locator("#maps img").nth(2).wait_for()
        open_tab(page, "More")
        open_tab(page, "Round trip")
        page.locator("#round-trip-input img[src*='grace_hopper']").wait_for()
        open_tab(page, "Compare")
        choose_file(page, "#compared", EXAMPLES / "eileen_collins.jpg")
        page.locator("#compared img[src*='eileen_collins']").wait_for()
        settle(page)
        open_tab(page, "Photo")
        page.locator("#sketch img.drawing[src*='eileen_collins']").wait_for()
        open_tab(page, "More")
        page.locator("#round-trip-input img[src*='eileen_collins']").wait_for()


def test_a_phone_shows_every_tab_in_every_language(url):
    for language in ("en-US", "vi-VN"):
        with visit(url, PHONE, language) as page:
            tabs = page.get_by_role("tab").locator("visible=true")
            tabs.first.wait_for()
            boxes = [tab.bounding_box() for tab in tabs.all()]
            assert len(boxes) == len(TABS) - len(MORE) + 1 and len({box["y"] for box in boxes}) == 1
            assert all(box["x"] >= 0 and box["x"] + box["width"] <= PHONE[0] for box in boxes)


@pytest.mark.parametrize("tab", MORE)
def test_an_address_opens_a_tab_inside_another_one(url, tab):
    with visit(f"{url}?tab={tab}&lang=vi") as page:
        page.get_by_role("tab", selected=True).locator("visible=true").nth(1).wait_for()
        chosen = page.get_by_role("tab", selected=True).locator("visible=true").all_inner_texts()
        assert chosen[0] == "Thêm" and len(chosen) == 2
