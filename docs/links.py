"""Set the line numbers of links to code in the pages of docs/: [`code`](../path.py#L12) leads to the line with code.

python docs/links.py
"""

import re
from pathlib import Path

PAGES = sorted(Path(__file__).parent.glob("*.md"))
LINK = re.compile(r"\[`([^`]+)`\]\(([^)#]+)#L\d+\)")


def renumbered(page: Path) -> str:
    """A page's text with each such link at the first line that holds its code. Raises ValueError where none does."""

    def set_line(link: re.Match) -> str:
        code, path = link.groups()
        lines = (page.parent / path).read_text().splitlines()
        number = next((number for number, line in enumerate(lines, 1) if code in line), None)
        if number is None:
            raise ValueError(f"{page.name}: no line of {path} holds {code}.")
        return f"[`{code}`]({path}#L{number})"

    return LINK.sub(set_line, page.read_text())


if __name__ == "__main__":
    for page in PAGES:
        page.write_text(renumbered(page))
