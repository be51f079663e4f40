"""Hub repos that override the embedded models, fetched in the background while those are used."""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Thread

from ..errors import ModelNotFoundError, WeightsError
from ..messages import Message
from ..models.config import ModelConfig
from ..models.model import Model
from .download import parse_repo_id

log = logging.getLogger(__name__)


class HubOverrides:
    """One Hub repo for each model name, fetched in the background from the start.

    repos: what parse_repo_id accepts, separated by commas or spaces. A repo named like an embedded model, with
    or without the prefix facesketch- (user/facesketch-pix2pix), overrides it; any other is used under its own name. In
    directions that it lacks, the embedded model stays in use. embedded: name -> config. names: of models that can be
    overridden even if they are missing among the embedded ones.
    """

    def __init__(self, repos: str, embedded: Mapping[str, ModelConfig], names: Sequence[str]):
        self.embedded, self.repos = embedded, dict[str, str]()
        for repo in repos.replace(",", " ").split():
            with contextlib.suppress(ModelNotFoundError):  # another site's address, which the status says
                found = parse_repo_id(repo)
                repo = f"{found.name}@{found.revision}" if found.revision else found.name
            name = repo.partition("@")[0].rpartition("/")[2].removeprefix("facesketch-")
            self.repos[name if name in names else repo] = repo
        self.folders: dict[str, Path] = {}
        self.missing_directions: dict[str, set[str]] = {}  # in which the embedded model stays in use
        self.status = {name: self._fetching(name) for name in self.repos}
        self._threads = {name: Thread(target=self._fetch, args=(name,), daemon=True) for name in self.repos}
        for thread in self._threads.values():
            thread.start()

    def folder(self, name: str, direction: str = "photo_to_sketch") -> Path | None:
        """The folder of the repo that overrides a model in a direction; None where the embedded one is used.

        Waits for a repo that no embedded model can stand in for. Raises WeightsError where it could not be fetched.
        """
        if name in self.repos and name not in self.embedded:
            self._threads[name].join()
            if name not in self.folders:
                status = self.status[name]
                raise WeightsError(status.code, **status.params)
        return None if direction in self.missing_directions.get(name, ()) else self.folders.get(name)

    def ready(self, name: str) -> bool:
        """Whether a model can be used now."""
        return name in self.embedded or name in self.folders

    def status_updates(self) -> Iterator[list[Message]]:
        """The status of each repo, now and each time that another one has been fetched or has failed."""
        yield list(self.status.values())
        for thread in self._threads.values():
            if thread.is_alive():
                thread.join()
                yield list(self.status.values())

    def _fetching(self, name: str) -> Message:
        code = "override.fetching_embedded_serves" if name in self.embedded else "override.fetching"
        return Message(code, {"repo": self.repos[name], "name": name})

    def _failed(self, name: str, reason: Message) -> Message:
        if name not in self.embedded:
            return reason
        return Message("override.failed_embedded_serves", {"reason": reason, "name": name})

    def _fetch(self, name: str) -> None:
        repo = self.repos[name]
        try:
            found = parse_repo_id(repo)
            repo = found.name
            model = Model.from_pretrained(found.name, found.revision)
        except WeightsError as error:
            self.status[name] = self._failed(name, error.message)
            log.warning("%s", self.status[name])
        except Exception:  # nobody sees this thread's errors, and the page would show "fetching" forever
            self.status[name] = self._failed(name, Message("override.failed", {"repo": repo}))
            log.exception("%s", self.status[name])
        else:
            self._add(name, repo, model)

    def _add(self, name: str, repo: str, model: Model) -> None:
        assert model.folder is not None
        wanted = set(self.embedded[name].directions) if name in self.embedded else set()
        missing = wanted - set(model.config.directions)
        params = {"name": name, "repo": repo, "commit": model.folder.name, "directions": " and ".join(sorted(missing))}
        self.missing_directions[name], self.folders[name] = missing, model.folder
        self.status[name] = Message("override.loaded_partly" if missing else "override.loaded", params)
