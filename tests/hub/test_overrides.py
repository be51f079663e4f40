"""Hub repos that override the embedded models, in the directions that they have, and their status."""

import pytest
from hub_models import NAME, put, tiny

import facesketch
from facesketch import Model, WeightsError
from facesketch.hub.overrides import HubOverrides
from facesketch.hub.weights_io import load_config
from facesketch.models.config import ModelConfig

EMBEDDED = {"pix2pix": load_config(facesketch.WEIGHTS_DIR / "pix2pix", "pix2pix")}
BOTH = ("photo_to_sketch", "sketch_to_photo")
CYCLEGAN = {"cyclegan": ModelConfig("autoencoder", 4, 256, BOTH)}


def test_repo_overrides_the_embedded_model_of_its_name(hub, tmp_path):
    commit = put(hub, tiny(tmp_path / "mine"))
    put(hub, tmp_path / "mine", "user/other")
    hub.faults = [("GET", "/api/models/user/facesketch", "500")]
    overrides = HubOverrides(f"{NAME}@main, user/other", EMBEDDED, ["pix2pix"])
    updates = list(overrides.status_updates())
    assert updates[0][0].code in ("override.fetching_embedded_serves", "override.failed_embedded_serves")
    assert [message.code for message in updates[-1]] == ["override.failed_embedded_serves", "override.loaded"]
    failed = overrides.status["pix2pix"]
    assert overrides.folder("pix2pix") is None and failed.params["reason"].code == "hub.fetch_failed"
    assert str(failed).endswith("The embedded pix2pix is used.")
    assert overrides.ready("pix2pix") and overrides.ready("user/other")
    hub.faults = []
    overrides = HubOverrides(f"{NAME} user/other", EMBEDDED, ["pix2pix"])
    loaded = list(overrides.status_updates())[-1][0]
    assert overrides.folder("pix2pix").name == commit
    assert loaded.code == "override.loaded_partly" and loaded == overrides.status["pix2pix"]
    assert loaded.params == {"name": "pix2pix", "repo": NAME, "commit": commit, "directions": "sketch_to_photo"}
    assert overrides.folder("cyclegan") is None


@pytest.mark.parametrize("directions", [BOTH[:1], BOTH[1:], BOTH])
def test_embedded_model_stays_in_use_in_missing_directions(directions, hub, tmp_path):
    put(hub, tiny(tmp_path / "mine", directions=directions), "user/cyclegan")
    overrides = HubOverrides("user/cyclegan", CYCLEGAN, ["cyclegan"])
    *_, [status] = overrides.status_updates()
    assert status.code == ("override.loaded" if directions == BOTH else "override.loaded_partly")
    for direction in BOTH:
        missing = direction not in directions
        assert (overrides.folder("cyclegan", direction) is None) == missing
        assert (direction in overrides.missing_directions["cyclegan"]) == missing


def test_repo_that_cannot_be_fetched(hub, tmp_path):
    put(hub, tiny(tmp_path / "mine"), "user/cyclegan")
    overrides = HubOverrides("user/cyclegan user/nothing pix2pix", CYCLEGAN, ["cyclegan", "pix2pix"])
    assert list(overrides.status_updates()) and overrides.folder("cyclegan", "sketch_to_photo") is None
    assert overrides.status["cyclegan"].code == "override.loaded_partly"
    for name in ("user/nothing", "pix2pix"):
        assert not overrides.ready(name)
        with pytest.raises(WeightsError) as error:
            overrides.folder(name)
        assert error.value.message == overrides.status[name]


def test_unexpected_error_is_in_the_status(monkeypatch):
    def fail(*_):
        raise RuntimeError("out of memory")

    monkeypatch.setattr(Model, "from_pretrained", fail)
    overrides = HubOverrides("user/pix2pix", EMBEDDED, ["pix2pix"])
    *_, [status] = overrides.status_updates()
    assert status.code == "override.failed_embedded_serves" and status.params["reason"].code == "override.failed"
    assert str(status) == "user/pix2pix could not be loaded. The embedded pix2pix is used."
    assert overrides.folder("pix2pix") is None


def test_addresses_of_pages_are_repos_and_other_sites_are_named(hub, tmp_path):
    commit = put(hub, tiny(tmp_path / "mine"))
    page, elsewhere = f"{hub.url}/{NAME}/tree/main", "https://example.com/user/name"
    overrides = HubOverrides(f"{page}, {elsewhere}", EMBEDDED, ["pix2pix"])
    *_, [loaded, refused] = overrides.status_updates()
    assert overrides.folder("pix2pix").name == commit and loaded.params["repo"] == NAME
    assert refused.code == "hub.not_a_hub_url"
