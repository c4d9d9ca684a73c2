"""Settings: defaults < file < SPEECHLABEL_* < argument.  The only reader of the environment.

The file is TOML with the same names as the fields below; it is ``SPEECHLABEL_CONFIG`` or
``config.toml`` in the user's configuration folder (``~/.config/speechlabel`` on Linux).
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from speechlabel.errors import OptionError, ParseError

__all__ = ["Settings", "load_settings"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the operator of an installation can set."""

    workspace: Path = dataclasses.field(
        default_factory=lambda: platformdirs.user_data_path("speechlabel"),
        metadata={"help": "folder with the database, uploads and derived files"},
    )
    host: str = dataclasses.field(default="127.0.0.1", metadata={"help": "address the server listens on"})
    port: int = dataclasses.field(
        default=7860,
        metadata={"help": "first port to try; the next free one is taken", "min": 1, "max": 65535},
    )
    roots: tuple[Path, ...] = dataclasses.field(
        default=(), metadata={"help": "folders on the server that the page may take recordings from"}
    )
    max_upload_mb: int = dataclasses.field(
        default=20_000, metadata={"help": "largest upload, in megabytes", "min": 1, "max": 1_000_000}
    )
    workers: int = dataclasses.field(
        default_factory=lambda: max(1, (os.cpu_count() or 2) - 1),
        metadata={"help": "processes that prepare recordings", "min": 1, "max": 256},
    )


def load_settings(**arguments: Any) -> Settings:  # noqa: ANN401 - any setting
    """Gather settings from all sources; arguments that are None count as not given.

    Raises
    ------
    ParseError
        The configuration file is not TOML.
    OptionError
        A setting is unknown or has a value that does not fit.
    """
    values: dict[str, Any] = _from_file()
    for item in dataclasses.fields(Settings):
        variable = f"SPEECHLABEL_{item.name.upper()}"
        if raw := os.environ.get(variable):
            values[item.name] = raw
    values |= {name: value for name, value in arguments.items() if value is not None}
    return Settings(**{name: _converted(name, value) for name, value in values.items()})


def _from_file() -> dict[str, Any]:
    named = os.environ.get("SPEECHLABEL_CONFIG")
    path = Path(named) if named else platformdirs.user_config_path("speechlabel") / "config.toml"
    if not path.exists():
        if named:
            raise OptionError("SPEECHLABEL_CONFIG", f"there is no file {named}")
        return {}
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParseError(path, str(error)) from error


def _converted(name: str, value: Any) -> Any:  # noqa: ANN401
    """Return a setting's value in its own type."""
    found = {item.name: item for item in dataclasses.fields(Settings)}
    if name not in found:
        raise OptionError(name, f"no such setting; settings are {', '.join(found)}")
    if name == "workspace":
        return Path(value).expanduser().absolute()
    if name == "roots":
        parts = value.split(os.pathsep) if isinstance(value, str) else value
        return tuple(Path(part).expanduser().resolve() for part in parts if part)
    if name == "host":
        return str(value)
    limits = found[name].metadata
    try:
        number = int(value)
    except (TypeError, ValueError) as error:
        raise OptionError(name, f"{value!r} is not a whole number") from error
    if not limits["min"] <= number <= limits["max"]:
        raise OptionError(name, f"{number} is outside {limits['min']} to {limits['max']}")
    return number
