"""Hub repos in place of the embedded models: in the directions that they have, and told on the page."""

import pytest
from hub_models import NAME, put, tiny

import facesketch
from facesketch import Translator, WeightsError
from facesketch.hub.checked import read_about
from facesketch.hub.standins import StandIns

EMBEDDED = {"pix2pix": read_about(facesketch.WEIGHTS_FOLDER / "pix2pix", "pix2pix")}


def test_a_repo_stands_in_for_the_embedded_model_of_its_name(hub, tmp_path):
    commit = put(hub, tiny(tmp_path / "mine"))
    put(hub, tmp_path / "mine", "user/other")
    hub.faults = [("GET", "/api/models/user/facesketch", "500")]
    serves = StandIns(f"{NAME}@main, user/other", EMBEDDED, ["pix2pix"])
    told = list(serves.told())
    assert "is being fetched" in told[0] and "The embedded pix2pix serves." in told[0]
    assert serves.folder("pix2pix") is None and "could not be fetched" in serves.notes["pix2pix"]
    assert "The embedded pix2pix serves." in told[-1]
    assert serves.ready("pix2pix") and serves.ready("user/other")
    hub.faults = []
    serves = StandIns(f"{NAME} user/other", EMBEDDED, ["pix2pix"])
    assert "at commit" in list(serves.told())[-1]
    assert serves.folder("pix2pix").name == commit
    kept = "It has no direction sketch_to_photo; there the embedded pix2pix serves."
    assert serves.notes["pix2pix"] == f"pix2pix is {NAME} on the Hub, at commit {commit}. {kept}"
    assert serves.folder("cyclegan") is None


@pytest.mark.parametrize("told", [["photo_to_sketch"], ["sketch_to_photo"], ["photo_to_sketch", "sketch_to_photo"]])
def test_where_a_repo_lacks_a_direction_the_embedded_model_serves_on(told, hub, tmp_path):
    put(hub, tiny(tmp_path / "mine", directions=told), "user/cyclegan")
    about = {"cyclegan": {"directions": ["photo_to_sketch", "sketch_to_photo"]}}
    serves = StandIns("user/cyclegan", about, ["cyclegan"])
    assert list(serves.told())
    for direction in about["cyclegan"]["directions"]:
        kept = f" It has no direction {direction}; there the embedded cyclegan serves."
        assert serves.notes["cyclegan"].endswith(kept) == (direction not in told)
        assert (serves.folder("cyclegan", direction) is None) == (direction not in told)


def test_a_repo_that_cannot_stand_in(hub, tmp_path):
    put(hub, tiny(tmp_path / "mine"), "user/cyclegan")
    about = {"cyclegan": {"directions": ["photo_to_sketch", "sketch_to_photo"]}}
    serves = StandIns("user/cyclegan user/nothing pix2pix", about, ["cyclegan", "pix2pix"])
    assert list(serves.told()) and serves.folder("cyclegan", "sketch_to_photo") is None
    assert "no direction sketch_to_photo; there the embedded cyclegan serves." in serves.notes["cyclegan"]
    for name in ("user/nothing", "pix2pix"):
        assert not serves.ready(name)
        with pytest.raises(WeightsError):
            serves.folder(name)


def test_an_error_that_nobody_foresaw_is_told_too(monkeypatch):
    def fail(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(Translator, "from_pretrained", fail)
    serves = StandIns("user/pix2pix", EMBEDDED, ["pix2pix"])
    assert list(serves.told())[-1] == "- user/pix2pix could not be loaded. The embedded pix2pix serves."
    assert serves.folder("pix2pix") is None
