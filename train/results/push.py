"""Push a model to the Hugging Face Hub: files, card and portraits in one commit, and a tag of the version."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError
from huggingface_hub.utils import logging, validate_repo_id

from facesketch import Model, __version__
from facesketch.hub.download import explain_error
from facesketch.hub.weights_io import WEIGHTS_FILE, load_config
from facesketch.models.config import CONFIG_FILE, ModelConfig

from . import card
from .portraits import PORTRAITS, portrait_sheet

PICTURE = "portraits.png"
TIMEOUT = 20  # seconds for the Hub's first response


class PushError(RuntimeError):
    """A model cannot be pushed; the message is one sentence for the user."""


def prepare(repo: str, api: HfApi | None = None) -> HfApi:
    """The Hub's client, after checks that need no network. Raises PushError."""
    try:
        validate_repo_id(repo)
        if repo.count("/") != 1:
            raise HFValidationError
    except HFValidationError as error:
        raise PushError(f"{repo} is not the name of a Hub repo, which is user/name.") from error
    api = api or HfApi(library_name="facesketch", library_version=__version__)
    if not (api.token or get_token()):
        raise PushError("There is no token for the Hub: run hf auth login, or set HF_TOKEN.")
    return api


def push(
    source: Path,
    repo: str,
    private: bool = False,
    revision: str = "",
    api: HfApi | None = None,
    log: Callable[[str], object] = print,
    timeout: float = TIMEOUT,
) -> str:
    """Push a run's export, or a folder of that layout, to a Hub repo; returns the commit.

    The repo, and the branch called revision, are created if missing. Pushing the same again changes nothing; a push
    that broke off is completed. Raises PushError, and WeightsError for a folder that cannot be loaded.
    """
    api = prepare(repo, api)
    logging.set_verbosity_error()  # a failure is reported in one sentence
    folder = source / "export" if (source / "export" / CONFIG_FILE).is_file() else source
    if not folder.is_dir():
        raise PushError(f"There is no folder {folder}.")
    with TemporaryDirectory() as staged:
        config = stage(folder, repo, Path(staged))
        origins = dict.fromkeys(f"{each.preset}, step {each.step}" for each in config.provenance.values())
        message = f"facesketch {'; '.join(origins)}"
        try:
            commit, tag = _upload(api, Path(staged), repo, private, revision, message, timeout)
        except Exception as error:  # the client's errors have no common base class
            raise PushError(f"{source} was not pushed to {repo}: {_reason(error, repo)}.") from error
    log(f"{api.endpoint}/{repo} is at commit {commit}, tag {tag}. To load it:")
    log(f'facesketch.load("{repo}@{tag}")')
    return commit


def stage(folder: Path, repo: str, staged: Path) -> ModelConfig:
    """Write a repo's files into staged. Raises PushError and WeightsError."""
    model, config = Model.from_pretrained(folder), load_config(folder, folder.name)
    try:
        text = card.render(config, repo, PICTURE)
    except (KeyError, ValueError) as error:
        raise PushError(f"{folder / CONFIG_FILE} does not say how the model was trained.") from error
    for name in (CONFIG_FILE, WEIGHTS_FILE):
        (staged / name).write_bytes((folder / name).read_bytes())
    (staged / "README.md").write_text(text, encoding="utf-8")
    portrait_sheet(model, PORTRAITS).save(staged / PICTURE, optimize=True)
    return config


def _upload(
    api: HfApi, staged: Path, repo: str, private: bool, revision: str, message: str, timeout: float
) -> tuple[str, str]:
    """One commit and its tag; a push that finds nothing to change returns those that are there."""
    try:
        info = api.model_info(repo, timeout=timeout)  # the only request that takes a timeout
        if private and not info.private:
            raise PushError("it exists and is public, which --private does not change")
    except RepositoryNotFoundError:
        api.create_repo(repo, private=private or None, exist_ok=True)
    if revision:
        api.create_branch(repo, branch=revision, exist_ok=True)
    sent = api.upload_folder(repo_id=repo, folder_path=staged, revision=revision or None, commit_message=message)
    tags = {ref.name: ref.target_commit for ref in api.list_repo_refs(repo).tags}
    names = (f"v{__version__}" if number == 1 else f"v{__version__}-{number}" for number in count(1))
    tag = next(name for name in names if tags.get(name, sent.oid) == sent.oid)  # a tag never moves to another commit
    if tag not in tags:
        api.create_tag(repo, tag=tag, revision=sent.oid)
    return sent.oid, tag


def _reason(error: Exception, repo: str) -> str:
    """Why a push failed, as part of a sentence."""
    while type(error) is RuntimeError and isinstance(error.__cause__, Exception):  # as uploads wrap it
        error = error.__cause__
    by_status = {
        401: "the Hub does not accept the token; run hf auth login",
        403: f"the token may not write to {repo}",
        404: "there is no such repo, or the token does not open it",
    }
    status = error.response.status_code if isinstance(error, HfHubHTTPError) else 0
    return by_status.get(status) or str(explain_error(error))
