"""Projects: make and find labelling jobs, give them a guideline."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from anyascii import anyascii

from speechlabel import guideline
from speechlabel.errors import InputError, NotFoundError, RecordError
from speechlabel.records import Project
from speechlabel.store.workspace import Workspace
from speechlabel.timing import now
from speechlabel.workflow.rules import load_rules

__all__ = [
    "SAMPLES_PROJECT",
    "check_name",
    "create_project",
    "find_project",
    "safe_id",
    "set_guideline",
    "unique_id",
]

SAMPLES_PROJECT = "samples"  # the id that no project of a person's own is given


def safe_id(name: str, *, fallback: str, max_length: int = 100) -> str:
    """Return an id of Kaldi-safe letters that resembles a name (Chinese by pinyin), or ``fallback``."""
    text = re.sub(r"[^A-Za-z0-9_.-]+", "_", anyascii(name)).strip("_.-")
    text = re.sub(r"_{2,}", "_", text)[:max_length].rstrip("_.-")
    return text if re.match(r"[A-Za-z0-9]", text) else fallback


def unique_id(wanted: str, is_taken: Callable[[str], bool]) -> str:
    """Return ``wanted``, or with the first free number added."""
    candidate, number = wanted, 1
    while is_taken(candidate):
        number += 1
        candidate = f"{wanted}_{number}"
    return candidate


def create_project(
    workspace: Workspace,
    name: str,
    *,
    language: str = "zh",
    preset: str = "default",
    rules: str | None = None,
) -> Project:
    """Create a project with a guideline of its own (``rules``, TOML text) or a copy of a preset one.

    Raises
    ------
    InputError
        A project of that name exists already, or the name or the language tag is not one.
    UnknownNameError
        There is no such preset.
    ParseError
        ``rules`` is no guideline, or names a format that there is not.
    """
    if not re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", language):
        raise InputError(f"language {language!r} is not a tag such as zh, en or zh-CN")
    check_name(name, ())
    if rules is not None:
        load_rules(rules)
    text = guideline.preset(preset) if rules is None else rules
    while True:
        projects = workspace.store.projects()
        project = _project(check_name(name, projects), language, text, {project.id for project in projects})
        try:
            return workspace.store.create_project(project)
        except RecordError as error:  # somebody else was faster with this id
            if error.data["field"] != "id":
                raise


def check_name(name: str, others: Iterable[Project]) -> str:
    """Return a project's name without the blanks around it.

    Raises
    ------
    InputError
        It is not one line of letters, or one of the other projects has it.
    """
    name = name.strip()
    if not name.isprintable():
        raise InputError(f"name {name!r}: a project's name is one line of letters that can be seen")
    if any(project.name == name for project in others):
        raise InputError(f"a project {name!r} exists already; choose another name")
    return name


def set_guideline(workspace: Workspace, name: str, rules: str) -> Project:
    """Give a project (by id or name) another guideline; what was labelled stays as it is.

    Raises
    ------
    NotFoundError
        There is no such project.
    ParseError
        ``rules`` is no guideline, or names a format that there is not; nothing was changed.
    """
    project = find_project(workspace, name)
    load_rules(rules)
    return workspace.store.update_project(project.id, guideline=rules)


def _project(name: str, language: str, text: str, taken: set[str]) -> Project:
    """Return a project with an id that is free."""
    return Project(
        id=unique_id(
            safe_id(name, fallback="project").lower().replace(".", "_"),
            {SAMPLES_PROJECT, *taken}.__contains__,
        ),
        name=name,
        language=language,
        guideline=text,
        created_at=now(),
    )


def find_project(workspace: Workspace, name: str) -> Project:
    """Return the project with that id, else the one with that name.

    Raises
    ------
    NotFoundError
        There is none; the message lists those that exist.
    """
    projects = workspace.store.projects()
    for of in ("id", "name"):
        for project in projects:
            if getattr(project, of) == name:
                return project
    known = ", ".join(project.name for project in projects) or "none yet"
    raise NotFoundError("project", name, hint=f"projects: {known}")
