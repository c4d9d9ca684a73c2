"""Settings: defaults < file < SPEECHLABEL_* < argument.  The only reader of the environment.

The file is TOML with the same names as the fields below; it is ``SPEECHLABEL_CONFIG`` or
``config.toml`` in the user's configuration folder (``~/.config/speechlabel`` on Linux).
"""

from __future__ import annotations

import dataclasses
import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import platformdirs

from speechlabel.errors import OptionError, ParseError

__all__ = ["Settings", "load_settings", "variable"]


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
        default_factory=lambda: max(1, _cpus() - 1),
        metadata={"help": "processes that prepare recordings", "min": 1, "max": 256},
    )


def _cpus() -> int:
    """Count the processors that this process may use, which in a container are fewer than there are."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 2


def load_settings(**arguments: Any) -> Settings:  # noqa: ANN401 - any setting
    """Gather settings from all sources; arguments that are None count as not given.

    Raises
    ------
    ParseError
        The configuration file cannot be read or is not TOML.
    OptionError
        A setting is unknown or has a value that does not fit; the message says where it was given.
    """
    given: dict[str, tuple[Any, str]] = dict(_from_file())
    for item in dataclasses.fields(Settings):
        if raw := os.environ.get(variable(item.name)):
            given[item.name] = raw, f" (given by {variable(item.name)})"
    given |= {name: (value, "") for name, value in arguments.items() if value is not None}
    return Settings(**{name: _converted(name, value, source) for name, (value, source) in given.items()})


def variable(name: str) -> str:
    """Name of the environment variable that gives a setting."""
    return f"SPEECHLABEL_{name.upper()}"


def _from_file() -> Iterator[tuple[str, tuple[Any, str]]]:
    named = os.environ.get("SPEECHLABEL_CONFIG")
    path = Path(named) if named else platformdirs.user_config_path("speechlabel") / "config.toml"
    if not path.exists():
        if named:
            raise OptionError("SPEECHLABEL_CONFIG", f"there is no file {named}")
        return
    try:
        found = tomllib.loads(path.read_text("utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParseError(path, str(error)) from error
    except OSError as error:
        raise ParseError(path, f"cannot be read: {error.strerror or error}") from error
    for name, value in found.items():
        yield name, (value, f" (given in {path})")


def _converted(name: str, value: Any, source: str) -> Any:  # noqa: ANN401
    """Return a setting's value in its own type."""
    found = {item.name: item for item in dataclasses.fields(Settings)}
    if name not in found:
        raise OptionError(name, f"no such setting; settings are {', '.join(found)}{source}")
    try:
        if name == "workspace":
            return _path(value).absolute()
        if name == "roots":
            parts = value.split(os.pathsep) if isinstance(value, str) else list(value)
            return tuple(_path(part).resolve() for part in parts if part)
        if name == "host":
            return _text(value)
        number = _whole(value)
    except (TypeError, ValueError, RuntimeError, OSError) as error:
        raise OptionError(name, f"{value!r}: {error}{source}") from error
    limits = found[name].metadata
    if not limits["min"] <= number <= limits["max"]:
        raise OptionError(name, f"{number} is outside {limits['min']} to {limits['max']}{source}")
    return number


def _text(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str) or not value.strip():
        raise TypeError("must be a text")
    return value


def _path(value: Any) -> Path:  # noqa: ANN401
    if not isinstance(value, str | Path) or not str(value).strip():
        raise TypeError("must be a path")
    if "\0" in str(value):
        raise ValueError("holds a character that no path may hold")
    return Path(value).expanduser()


def _whole(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, str) and value.strip().isdecimal():
        return int(value)
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("must be a whole number")
    return value
