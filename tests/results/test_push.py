"""From a run to the Hub and back: one commit, a tag, a card; and one sentence for every failure."""

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
from facesketch import WEIGHTS_DIR, DrawOptions, Model, Pipeline, __version__, load_model, read_image
from facesketch.hub.weights_io import load_config
from facesketch.models.config import ModelConfig
from facesketch.options import RAW_OUTPUT
from train.config import override
from train.engine.fit import fit
from train.presets import PRESETS
from train.results.portraits import PORTRAITS
from train.results.push import PushError, push

FACES = (100, 125)
ROOT = Path(__file__).parents[2]
REPO = "user/facesketch-autoencoder"
FILES = {".gitattributes", "README.md", "config.json", "model.safetensors", "portraits.png"}


def pixels(model: Model, to: str = "sketch") -> bytes:
    return Pipeline(model, to)(draw_face(0)[0], DrawOptions(align="never")).image.tobytes()


def run(faces, out: Path, preset: str = "autoencoder", seed: int = 0) -> Path:
    """A tiny finished run."""
    tiny = {"model.width": 2, "model.discriminator_width": 2, "model.size": 64, "data.crop_size": 64, "batch_size": 1}
    tiny |= {"init_preset": "", "steps": 2, "seed": seed, "data.validation_fraction": 0.2}
    fit(override(PRESETS[preset], tiny), faces(6, f"faces{seed}"), out, "cpu", log=list)
    return out


def commits(hub, repo: str = REPO) -> int:
    """How many commits after the first, which creates the repo."""
    return len(hub.repos[repo].commits) - 1


def test_a_run_is_pushed_to_the_hub_and_loaded_from_it(hub, faces, tmp_path):
    lines = []
    first = push(run(faces, tmp_path / "a"), REPO, api=HfApi(endpoint=hub.url), log=lines.append)
    assert commits(hub) == 1 and set(hub.repos[REPO].commits[first]) == FILES
    assert hub.repos[REPO].tags == {f"v{__version__}": first}
    assert lines == [
        f"{hub.url}/{REPO} is at commit {first}, tag v{__version__}. To load it:",
        f'facesketch.load("{REPO}@v{__version__}")',
    ]
    drawn = pixels(Model.from_pretrained(tmp_path / "a" / "export"))
    for name in (REPO, f"{REPO}@{first}", f"{REPO}@v{__version__}"):
        assert pixels(load_model(name)) == drawn

    second = push(run(faces, tmp_path / "b", seed=1), REPO, log=list)
    assert commits(hub) == 2 and hub.repos[REPO].tags[f"v{__version__}-2"] == second
    assert pixels(load_model(REPO)) == pixels(Model.from_pretrained(tmp_path / "b" / "export")) != drawn
    assert pixels(load_model(f"{REPO}@{first}")) == drawn == pixels(load_model(f"{REPO}@v{__version__}"))


def test_both_generators_of_a_cyclegan_in_one_repo(hub, faces, tmp_path):
    push(run(faces, tmp_path / "run", "cyclegan"), "user/both", log=list)
    here, there = Model.from_pretrained(tmp_path / "run" / "export"), load_model("user/both")
    for to in ("sketch", "photo"):
        assert pixels(here, to) == pixels(there, to)


@pytest.mark.parametrize("name", ["pix2pix", "cyclegan"])
def test_the_card_has_the_scores_and_shows_only_portraits(name, hub):
    commit = push(WEIGHTS_DIR / name, f"user/{name}", log=list)
    files, config = hub.repos[f"user/{name}"].commits[commit], load_config(WEIGHTS_DIR / name, name)
    text = files["README.md"].decode()
    card, front = ModelCard(text), yaml.safe_load(text.split("---")[1])
    assert front["library_name"] == "facesketch" and front["pipeline_tag"] == "image-to-image"
    assert front["license"] == "other" and front["license_name"] and front["datasets"]
    assert {"face-sketch", "photo-to-sketch", name} <= set(front["tags"])
    assert [result["dataset"]["config"] for result in front["model-index"][0]["results"]] == list(config.directions)
    results = {(r.dataset_config, r.dataset_split, r.metric_type): r.metric_value for r in card.data.eval_results}
    for direction, score in config.scores.items():
        for metric in ("ssim", "fsim", "mae"):
            assert results[direction, score["part"], metric] == score[metric]
            assert f"{score[metric]:.4f}" in card.text
    assert f'facesketch.load("user/{name}")' in card.text and "(portraits.png)" in card.text

    sheet = Image.open(BytesIO(files["portraits.png"]))
    columns = 1 + len(config.directions)
    assert sheet.size == (256 * columns * len(PORTRAITS), 320)
    raw = replace(RAW_OUTPUT, align="auto")
    drawn = Pipeline(load_model(name))(read_image(PORTRAITS[0]), raw).image
    assert sheet.crop((256, 0, 512, 320)).tobytes() == drawn.convert("RGB").tobytes()


def test_pushing_the_same_again_changes_nothing(hub):
    once = push(WEIGHTS_DIR / "autoencoder", REPO, log=list)
    assert push(WEIGHTS_DIR / "autoencoder", REPO, log=list) == once
    assert commits(hub) == 1 and len(hub.repos[REPO].tags) == 1


def test_private_and_a_branch(hub):
    main = push(WEIGHTS_DIR / "autoencoder", REPO, private=True, log=list)
    wide = push(WEIGHTS_DIR / "pix2pix", REPO, revision="wide", log=list)
    assert hub.repos[REPO].private and hub.repos[REPO].branches == {"main": main, "wide": wide}
    assert load_model(f"{REPO}@wide").config.method == "pix2pix"
    assert load_model(REPO).config.method == "autoencoder"


def test_private_is_never_pushed_to_a_public_repo(hub):
    commit = push(WEIGHTS_DIR / "autoencoder", REPO, log=list)
    with pytest.raises(PushError, match=f"{REPO}: it exists and is public"):
        push(WEIGHTS_DIR / "cyclegan", REPO, private=True, log=list)
    assert commits(hub) == 1 and hub.repos[REPO].branches == {"main": commit}


@pytest.mark.parametrize("at", ["api/repos/create", "/lfs/", "/commit/", "/refs", "/tag/"])
def test_a_push_that_broke_off_can_be_repeated(at, hub, faces, tmp_path):
    out = run(faces, tmp_path / "run")
    before = {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}
    status = "404" if at == "/lfs/" else "500"  # which the client does not retry
    hub.faults = [(method, at, status) for method in ("GET", "POST", "PUT")]
    with pytest.raises(PushError, match=r"was not pushed to user/facesketch-autoencoder: .*\.$"):
        push(out, REPO, log=list)
    hub.faults = []
    commit = push(out, REPO, log=list)
    assert commits(hub) == 1 and hub.repos[REPO].tags == {f"v{__version__}": commit}
    assert before == {path: path.read_bytes() for path in out.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("token", "repo", "message"),
    [
        ("hf_stranger", REPO, "does not accept the token"),
        ("hf_reader", REPO, "may not write"),
        ("hf_writer", "google/facesketch", "may not write"),
        ("hf_writer", "facesketch", "not the name of a Hub repo"),
        ("hf_writer", "user/face sketch", "not the name of a Hub repo"),
        ("", REPO, "no token"),
    ],
)
def test_a_refusal_is_one_sentence(token, repo, message, hub, monkeypatch):
    monkeypatch.setenv("HF_TOKEN", token)
    with pytest.raises(PushError, match=message) as error:
        push(WEIGHTS_DIR / "autoencoder", repo, log=list)
    assert len(str(error.value).splitlines()) == 1 and not hub.repos


def test_no_network_and_a_hub_that_does_not_answer(hub):
    with socket.socket() as taken:  # bound and not listening: connections are refused
        taken.bind(("127.0.0.1", 0))
        api = HfApi(endpoint=f"http://127.0.0.1:{taken.getsockname()[1]}")
        with pytest.raises(PushError, match="cannot be reached"):
            push(WEIGHTS_DIR / "autoencoder", REPO, api=api)
    hub.faults = [("GET", "", "stall")]
    with pytest.raises(PushError, match="cannot be reached or fails to answer"):
        push(WEIGHTS_DIR / "autoencoder", REPO, timeout=1)


def test_a_folder_that_cannot_be_pushed_is_one_sentence(hub, tmp_path):
    with pytest.raises(PushError, match="There is no folder"):
        push(tmp_path / "nothing", REPO)
    with pytest.raises(facesketch.WeightsError, match=r"config\.json is missing"):
        push(tmp_path, REPO)
    Model(ModelConfig(network="unet", width=2, size=256, directions=("photo_to_sketch",))).save_pretrained(tmp_path)
    with pytest.raises(PushError, match="does not say how the model was trained"):
        push(tmp_path, REPO)
    assert not hub.requests
