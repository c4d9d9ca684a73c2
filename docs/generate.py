"""Write the generated pages of the reference: ``python docs/generate.py [FOLDER]``.

Each page is made from what the program says of itself; tests/test_docs.py fails when one is stale.
"""

from __future__ import annotations

import dataclasses
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from speechlabel import registry
from speechlabel.cli import reference as cli
from speechlabel.config import Settings, variable
from speechlabel.formats import reference as formats
from speechlabel.segment.base import describe_options

HERE = Path(__file__).parent

SETTINGS = """# Settings

<!-- Made by `python docs/generate.py`; do not edit by hand. -->

A setting is taken from the first of these that gives it:

1. the argument of a command, where there is one (`--workspace`, `--host`, `--port`, `--root`, `--workers`);
2. the environment variable;
3. the file `config.toml` in the user's configuration folder (`~/.config/speechlabel` on Linux), or the file
   that `SPEECHLABEL_CONFIG` names: TOML with the names below;
4. the default.

| setting | environment | meaning | default | limits |
|---|---|---|---|---|
"""
EXAMPLE = """

Example of a file:

```toml
workspace = "/data/speech"
roots = ["/recordings"]
port = 8000
```
"""
SEGMENTERS = """# Segmenters

<!-- Made by `python docs/generate.py`; do not edit by hand. -->

A segmenter finds where speech is. It is named by `--segmenter`, and its options are given as `OPTION=VALUE`.
Other packages add segmenters: see [add a segmenter](../howto/add-a-segmenter.md).
"""
# Defaults that depend on the machine.
COMPUTED = {"workspace": "the user's data folder", "workers": "processors − 1"}


def settings() -> str:
    """Markdown of the page about settings."""
    rows: list[str] = []
    for item in dataclasses.fields(Settings):
        low, high = item.metadata.get("min"), item.metadata.get("max")
        limits = f"{low:,} to {high:,}" if low is not None else ""
        default = COMPUTED.get(item.name) or (f"`{item.default}`" if item.default else "none")
        help = item.metadata["help"]
        rows.append(f"| `{item.name}` | `{variable(item.name)}` | {help} | {default} | {limits} |")
    return SETTINGS + "\n".join(rows) + EXAMPLE


def segmenters() -> str:
    """Markdown of the page about segmenters."""
    parts = [SEGMENTERS]
    for name in registry.names("segmenter"):
        kind = registry.load("segmenter", name)
        parts.append(f"\n## {name}\n\n{kind.title}. {(kind.__doc__ or '').strip().splitlines()[0]}\n")
        parts.append("\n| option | meaning | unit | default | limits |\n|---|---|---|---|---|\n")
        for option in describe_options(kind):
            limits = f"{option['min']} to {option['max']}" if option.get("min") is not None else ""
            row = (
                f"`{option['name']}`",
                option["help"],
                option["unit"] or "",
                f"`{option['default']}`",
                limits,
            )
            parts.append(f"| {' | '.join(row)} |\n")
    return "".join(parts)


PAGES: Mapping[str, Callable[[], str]] = {
    "reference/cli.md": cli.page,
    "reference/formats.md": formats.page,
    "reference/segmenters.md": segmenters,
    "reference/settings.md": settings,
}


def main(folder: Path) -> None:
    """Write every page below a folder."""
    for name, page in PAGES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page(), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE)
