"""Hub repos that serve in place of the embedded models, fetched while these serve."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from pathlib import Path
from threading import Thread

from ..translator import Translator
from .checked import WeightsError

log = logging.getLogger(__name__)


class StandIns:
    """One Hub repo for each name, fetched in the background from the start.

    repos: "user/name" or "user/name@revision", separated by commas or blanks. A repo called as an embedded model is,
    with or without facesketch- before it (user/facesketch-pix2pix), stands in for that one; any other serves under its
    own name. Where it lacks a direction of the embedded model's, that one goes on serving there. embedded: what is
    there already, name -> description; names: of models that may be missing among them.
    """

    def __init__(self, repos: str, embedded: dict[str, dict], names: Sequence[str]):
        self.embedded, self.repos = embedded, {}
        for repo in repos.replace(",", " ").split():
            name = repo.partition("@")[0].rpartition("/")[2].removeprefix("facesketch-")
            self.repos[name if name in names else repo] = repo
        self.folders: dict[str, Path] = {}
        self.lacking: dict[str, set[str]] = {}  # the directions in which the embedded model serves on
        self.notes = {
            name: f"{repo} is being fetched from the Hub.{self._meanwhile(name)}" for name, repo in self.repos.items()
        }
        self.threads = {name: Thread(target=self._fetch, args=(name,), daemon=True) for name in self.repos}
        for thread in self.threads.values():
            thread.start()

    def folder(self, name: str, direction: str = "photo_to_sketch") -> Path | None:
        """Where the model of that name lies, or None where the embedded one serves in that direction.

        Waits for a repo that has no embedded model to serve in its place. Raises WeightsError where it did not come.
        """
        if name in self.repos and name not in self.embedded:
            self.threads[name].join()
            if name not in self.folders:
                raise WeightsError(self.notes[name])
        return None if direction in self.lacking.get(name, ()) else self.folders.get(name)

    def ready(self, name: str) -> bool:
        """Whether a model of that name can be asked now."""
        return name in self.embedded or name in self.folders

    def told(self) -> Iterator[str]:
        """The notes as Markdown, now and each time that another repo is there or given up."""
        yield "\n".join(f"- {note}" for note in self.notes.values())
        for thread in self.threads.values():
            if thread.is_alive():
                thread.join()
                yield "\n".join(f"- {note}" for note in self.notes.values())

    def _meanwhile(self, name: str) -> str:
        return f" The embedded {name} serves." if name in self.embedded else ""

    def _fetch(self, name: str) -> None:
        repo, _, revision = self.repos[name].partition("@")
        try:
            model = Translator.from_pretrained(repo, revision or None)
            lacking = set(self.embedded.get(name, {}).get("directions", ())) - set(model.directions)
            note = f"{name} is {repo} on the Hub, at commit {model.folder.name}."
            if lacking:
                note += f" It has no direction {' and '.join(sorted(lacking))}; there the embedded {name} serves."
            self.lacking[name], self.folders[name], self.notes[name] = lacking, model.folder, note
        except WeightsError as error:
            self.notes[name] = f"{error}{self._meanwhile(name)}"
            log.warning("%s", self.notes[name])
        except Exception:  # nobody waits for this thread's error, and the page is not to go on saying that it fetches
            self.notes[name] = f"{repo} could not be loaded.{self._meanwhile(name)}"
            log.exception("%s", self.notes[name])
