"""The package that docs/tutorial/first-plugin.md writes, as files."""

from __future__ import annotations

import re
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs" / "tutorial" / "first-plugin.md"


def blocks() -> dict[str, str]:
    """File name → content, of every file that the page shows."""
    found = re.findall(r"^`(sat_dice/[\w/]+\.py)`\n\n```python\n(.*?)```", PAGE.read_text(), re.DOTALL | re.MULTILINE)
    return dict(found)


def entry_points() -> str:
    """What the page's ``pyproject.toml`` declares, as an installed package has it."""
    (text,) = re.findall(r"```toml\n(.*?)```", PAGE.read_text(), re.DOTALL)
    text = re.sub(r'\[project\.entry-points\."(.*?)"\]', r"[\1]", text)
    return text.replace('"', "")


def install(folder: Path) -> Path:
    """Write the package and its metadata into a folder, as pip would; the folder belongs on PYTHONPATH."""
    for name, content in blocks().items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        (path.parent / "__init__.py").touch()
        path.write_text(content)
    metadata = folder / "sat_dice-1.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: sat-dice\nVersion: 1\n")
    (metadata / "entry_points.txt").write_text(entry_points())
    return folder
