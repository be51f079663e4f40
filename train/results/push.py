"""A trained model onto the Hugging Face Hub: its files, card and portraits in one commit, and a tag of the version."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from huggingface_hub import HfApi, get_token
from huggingface_hub.errors import HFValidationError, RepositoryNotFoundError
from huggingface_hub.utils import logging, validate_repo_id

from facesketch import Translator, __version__
from facesketch.hub.checked import CONFIG, WEIGHTS, read_about
from facesketch.hub.fetch import reason

from . import card
from .portraits import PORTRAITS, sheet

PICTURE = "portraits.png"
PATIENCE = 20  # seconds that the Hub has for its first answer


class PushError(RuntimeError):
    """A model cannot be pushed; the message is one sentence for a person."""


def ready(repo: str, api: HfApi | None = None) -> HfApi:
    """The Hub's client, if a push to repo has a chance, asking nobody. Raises PushError."""
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
    source: Path, repo: str, private: bool = False, revision: str = "", api: HfApi | None = None, say: Callable = print
) -> str:
    """Put a run's export, or a folder in its layout, into a Hub repo, which is made where it is missing.

    revision: a branch, made where it is missing. The same push again changes nothing, and does what is left where one
    broke off. Returns the commit. Raises PushError, and WeightsError for a folder that cannot be loaded.
    """
    api = ready(repo, api)
    logging.set_verbosity_error()  # one sentence is all that is said of a failure
    folder = source / "export" if (source / "export" / CONFIG).is_file() else source
    if not folder.is_dir():
        raise PushError(f"There is no folder {folder}.")
    with TemporaryDirectory() as staged:
        about = stage(folder, repo, Path(staged))
        message = f"facesketch {about['preset']}, step {about['step']}"
        try:
            commit, tag = _send(api, Path(staged), repo, private, revision, message)
        except Exception as error:  # the client's errors have no base in common
            raise PushError(f"{source} was not pushed to {repo}: {_why(error, repo)}.") from error
    say(f"{api.endpoint}/{repo} is at commit {commit}, tag {tag}. To load it:")
    say(f'facesketch.load("{repo}@{tag}")')
    return commit


def stage(folder: Path, repo: str, staged: Path) -> dict:
    """Lay out what a repo is to hold; returns the description. Raises PushError and WeightsError."""
    model = Translator.from_pretrained(folder)
    about = read_about(folder, folder.name)
    try:
        text = card.render(about, repo, PICTURE)
    except KeyError as error:
        raise PushError(f"{folder / CONFIG} does not tell the model's {error.args[0]}.") from error
    for name in (CONFIG, WEIGHTS):
        (staged / name).write_bytes((folder / name).read_bytes())
    (staged / "README.md").write_text(text, encoding="utf-8")
    sheet(model, PORTRAITS).save(staged / PICTURE, optimize=True)
    return about


def _send(api: HfApi, staged: Path, repo: str, private: bool, revision: str, message: str) -> tuple[str, str]:
    """One commit and its tag, which a push that finds nothing to change has already."""
    try:
        there = api.model_info(repo, timeout=PATIENCE)  # the one question that can be asked with a limit
        if private and not there.private:
            raise PushError("it is there already and public, which --private does not change")
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


def _why(error: BaseException, repo: str) -> str:
    """Why a push failed, in words."""
    while type(error) is RuntimeError and error.__cause__:  # uploads wrap what went wrong
        error = error.__cause__
    status = getattr(getattr(error, "response", None), "status_code", None)
    told = {
        401: "the Hub does not accept the token; run hf auth login",
        403: f"the token may not write to {repo}",
        404: "there is no such repo, or the token does not open it",
    }
    return told.get(status) or reason([kind.__name__ for kind in type(error).__mro__], str(error))
