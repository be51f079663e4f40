"""From a run to the Hub and back: one commit, a tag, a card; and a sentence for whatever is in the way."""

import socket
from dataclasses import replace
from io import BytesIO
from pathlib import Path

import pytest
import yaml
from conftest import draw_face
from huggingface_hub import HfApi, ModelCard
from PIL import Image

import facesketch
from facesketch import Translator, __version__
from facesketch.hub.checked import read_about
from facesketch.look import RAW
from train.engine.fit import fit
from train.presets import PRESETS
from train.results import push as pushing
from train.results.push import PushError, push

FACES = (100, 125)
ROOT = Path(__file__).parents[2]
WEIGHTS = facesketch.WEIGHTS_FOLDER
REPO = "user/facesketch-autoencoder"
FILES = {".gitattributes", "README.md", "config.json", "model.safetensors", "portraits.png"}


def pixels(model: Translator, direction: str = "photo_to_sketch") -> bytes:
    return model.translate(draw_face(0)[0], direction, align="never").tobytes()


def run(faces, out: Path, preset: str = "autoencoder", seed: int = 0) -> Path:
    """A tiny finished run."""
    tiny = {"after": "", "width": 2, "discriminator_width": 2, "batch": 1, "steps": 2, "size": 64, "crop": 64}
    fit(replace(PRESETS[preset], **tiny, seed=seed, validation=0.2), faces(6, f"faces{seed}"), out, "cpu", say=list)
    return out


def commits(hub, repo: str = REPO) -> int:
    """How many commits but the first, which makes the repo."""
    return len(hub.repos[repo].commits) - 1


def test_a_run_goes_to_the_hub_and_comes_back(hub, faces, tmp_path):
    said = []
    first = push(run(faces, tmp_path / "a"), REPO, api=HfApi(endpoint=hub.url), say=said.append)
    assert commits(hub) == 1 and set(hub.repos[REPO].commits[first]) == FILES
    assert hub.repos[REPO].tags == {f"v{__version__}": first}
    assert said == [
        f"{hub.url}/{REPO} is at commit {first}, tag v{__version__}. To load it:",
        f'facesketch.load("{REPO}@v{__version__}")',
    ]
    drawn = pixels(Translator.from_pretrained(tmp_path / "a" / "export"))
    for name in (REPO, f"{REPO}@{first}", f"{REPO}@v{__version__}"):
        assert pixels(facesketch.load(name)) == drawn

    second = push(run(faces, tmp_path / "b", seed=1), REPO, say=list)
    assert commits(hub) == 2 and hub.repos[REPO].tags[f"v{__version__}-2"] == second
    assert pixels(facesketch.load(REPO)) == pixels(Translator.from_pretrained(tmp_path / "b" / "export")) != drawn
    assert pixels(facesketch.load(f"{REPO}@{first}")) == drawn == pixels(facesketch.load(f"{REPO}@v{__version__}"))


def test_both_generators_of_a_cyclegan_in_one_repo(hub, faces, tmp_path):
    push(run(faces, tmp_path / "run", "cyclegan"), "user/both", say=list)
    here, there = Translator.from_pretrained(tmp_path / "run" / "export"), facesketch.load("user/both")
    for direction in ("photo_to_sketch", "sketch_to_photo"):
        assert pixels(here, direction) == pixels(there, direction)


@pytest.mark.parametrize("name", ["pix2pix", "cyclegan"])
def test_the_card_tells_the_measured_scores_and_shows_portraits_alone(name, hub):
    commit = push(WEIGHTS / name, f"user/{name}", say=list)
    files, about = hub.repos[f"user/{name}"].commits[commit], read_about(WEIGHTS / name, name)
    text = files["README.md"].decode()
    card, front = ModelCard(text), yaml.safe_load(text.split("---")[1])
    assert front["library_name"] == "facesketch" and front["pipeline_tag"] == "image-to-image"
    assert front["license"] == "other" and front["license_name"] and front["datasets"]
    assert {"face-sketch", "photo-to-sketch", name} <= set(front["tags"])
    assert [result["dataset"]["config"] for result in front["model-index"][0]["results"]] == about["directions"]
    told = {(r.dataset_config, r.dataset_split, r.metric_type): r.metric_value for r in card.data.eval_results}
    for direction, score in about["scores"].items():
        for metric in ("ssim", "fsim", "mae"):
            assert told[direction, score["part"], metric] == score[metric]
            assert f"{score[metric]:.4f}" in card.text
    assert f'facesketch.load("user/{name}")' in card.text and "(portraits.png)" in card.text

    sheet = Image.open(BytesIO(files["portraits.png"]))
    columns = 1 + len(about["directions"])
    assert sheet.size == (256 * columns * len(pushing.PORTRAITS), 320)
    photo = facesketch.read_image(pushing.PORTRAITS[0])
    assert sheet.crop((256, 0, 512, 320)).tobytes() == facesketch.load(name).translate(photo, **RAW).tobytes()


def test_the_same_push_again_changes_nothing(hub):
    once = push(WEIGHTS / "autoencoder", REPO, say=list)
    assert push(WEIGHTS / "autoencoder", REPO, say=list) == once
    assert commits(hub) == 1 and len(hub.repos[REPO].tags) == 1


def test_private_and_a_branch(hub):
    main = push(WEIGHTS / "autoencoder", REPO, private=True, say=list)
    wide = push(WEIGHTS / "pix2pix", REPO, revision="wide", say=list)
    assert hub.repos[REPO].private and hub.repos[REPO].branches == {"main": main, "wide": wide}
    assert facesketch.load(f"{REPO}@wide").about["method"] == "pix2pix"
    assert facesketch.load(REPO).about["method"] == "autoencoder"


def test_private_is_never_pushed_into_a_repo_that_all_can_read(hub):
    commit = push(WEIGHTS / "autoencoder", REPO, say=list)
    with pytest.raises(PushError, match=f"{REPO}: it is there already and public"):
        push(WEIGHTS / "cyclegan", REPO, private=True, say=list)
    assert commits(hub) == 1 and hub.repos[REPO].branches == {"main": commit}


@pytest.mark.parametrize("at", ["api/repos/create", "/lfs/", "/commit/", "/refs", "/tag/"])
def test_a_push_that_breaks_off_is_repeated(at, hub, faces, tmp_path):
    out = run(faces, tmp_path / "run")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    status = "404" if at == "/lfs/" else "500"  # which is not asked for again and again
    hub.faults = [(method, at, status) for method in ("GET", "POST", "PUT")]
    with pytest.raises(PushError, match=r"was not pushed to user/facesketch-autoencoder: .*\.$"):
        push(out, REPO, say=list)
    hub.faults = []
    commit = push(out, REPO, say=list)
    assert commits(hub) == 1 and hub.repos[REPO].tags == {f"v{__version__}": commit}
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("token", "repo", "said"),
    [
        ("hf_stranger", REPO, "does not accept the token"),
        ("hf_reader", REPO, "may not write"),
        ("hf_writer", "google/facesketch", "may not write"),
        ("hf_writer", "facesketch", "not the name of a Hub repo"),
        ("hf_writer", "user/face sketch", "not the name of a Hub repo"),
        ("", REPO, "no token"),
    ],
)
def test_what_is_in_the_way_is_one_sentence(token, repo, said, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(PushError, match=said) as error:
        push(WEIGHTS / "autoencoder", repo, say=list)
    assert len(str(error.value).splitlines()) == 1 and not hub.repos


def test_no_network_and_a_hub_that_is_silent(hub, monkeypatch):
    with socket.socket() as taken:  # bound and not listening: refused
        taken.bind(("127.0.0.1", 0))
        api = HfApi(endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(PushError, match="cannot be reached"):
            push(WEIGHTS / "autoencoder", REPO, api=api)
    monkeypatch.setattr(pushing, "PATIENCE", 1)
    hub.faults = [("GET", "", "stall")]
    with pytest.raises(PushError, match="cannot be reached or fails to answer"):
        push(WEIGHTS / "autoencoder", REPO)


def test_what_cannot_be_pushed_is_one_sentence(hub, tmp_path):
    with pytest.raises(PushError, match="There is no folder"):
        push(tmp_path / "nothing", REPO)
    with pytest.raises(facesketch.WeightsError, match=r"config\.json is missing"):
        push(tmp_path, REPO)
    about = {"network": "unet", "width": 2, "size": 256, "directions": ["photo_to_sketch"]}
    Translator(about).save_pretrained(tmp_path)
    with pytest.raises(PushError, match="does not tell the model's data"):
        push(tmp_path, REPO)
    assert not hub.requests
