"""Files of a workspace are there whole or not at all."""

import errno
import os
import time

import pytest

from speechlabel.errors import RecordError, WorkspaceError
from speechlabel.store import blobs
from speechlabel.store.blobs import Blobs, atomic

HASH = "ab" * 32


def names(folder):
    return sorted(path.name for path in folder.rglob("*") if path.is_file())


def test_a_derived_file_lies_under_its_hash(tmp_path):
    blobs = Blobs(tmp_path)
    assert not blobs.has(HASH, "peaks.dat")
    path = blobs.put(HASH, "peaks.dat", iter([b"ab", b"c"]))
    assert path == blobs.derived(HASH, "peaks.dat") == tmp_path / "derived" / "ab" / HASH / "peaks.dat"
    assert (path.read_bytes(), blobs.has(HASH, "peaks.dat")) == (b"abc", True)
    assert blobs.put(HASH, "peaks.dat", b"new").read_bytes() == b"new"
    assert names(tmp_path) == ["peaks.dat"]
    assert blobs.upload_path(HASH, ".WAV") == tmp_path / "uploads" / f"{HASH}.wav"


def test_a_file_is_synced_before_it_has_its_name_and_its_folder_after(tmp_path, monkeypatch):
    target = tmp_path / "f"
    seen = []
    monkeypatch.setattr(blobs, "_sync", lambda path: seen.append((path.suffix or path, target.exists())))
    with atomic(target) as part:
        part.write_bytes(b"x")
    assert seen == [(".part", False), (tmp_path, True)]


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "a\0", "x" * 200, "c:\\x"])
def test_a_name_that_leads_elsewhere_is_refused(tmp_path, name):
    with pytest.raises(RecordError):
        Blobs(tmp_path).derived(HASH, name)
    for wrong in ("..", "../" * 10, "AB" * 32, "ab"):
        with pytest.raises(RecordError):
            Blobs(tmp_path).derived(wrong, "x")
        with pytest.raises(RecordError):
            Blobs(tmp_path).upload_path(wrong, ".wav")
    with pytest.raises(RecordError):
        Blobs(tmp_path).upload_path(HASH, "./../x")


def test_a_failure_leaves_the_old_file(tmp_path):
    path = tmp_path / "new" / "file"
    with atomic(path) as part:
        part.write_bytes(b"old")
    with pytest.raises(ValueError, match="stop"), atomic(path) as part:
        part.write_bytes(b"half")
        raise ValueError("stop")
    assert (path.read_bytes(), names(tmp_path)) == (b"old", ["file"])


@pytest.mark.parametrize(
    ("number", "reason"), [(errno.ENOSPC, "full"), (errno.EDQUOT, "full"), (errno.EIO, "unwritable")]
)
def test_a_disk_that_refuses_is_told_in_plain_words(tmp_path, number, reason):
    with pytest.raises(WorkspaceError) as caught, atomic(tmp_path / "file"):
        raise OSError(number, os.strerror(number))
    assert caught.value.data["reason"] == reason
    assert names(tmp_path) == []


def test_what_a_killed_process_left_is_swept_away_later(tmp_path):
    old, new, other = (tmp_path / f".{name}.part" for name in ("file.1", "file.2", "file2.1"))
    for path in (old, new, other):
        path.write_bytes(b"half")
    for path in (old, other):
        os.utime(path, (time.time() - 100_000,) * 2)
    with atomic(tmp_path / "file") as part:
        part.write_bytes(b"whole")
    assert names(tmp_path) == [".file.2.part", ".file2.1.part", "file"]


def test_what_is_of_no_use_any_more_is_dropped_and_nothing_else(tmp_path):
    blobs = Blobs(tmp_path)
    other = HASH[:-1] + ("0" if HASH[-1] != "0" else "1")
    for content_hash in (HASH, other):
        blobs.put(content_hash, "peaks.dat", b"x")
        blobs.put(content_hash, "sound.flac", b"x")
        blobs.upload_path(content_hash, ".wav").parent.mkdir(exist_ok=True)
        blobs.upload_path(content_hash, ".wav").write_bytes(b"x")
    blobs.drop_derived(HASH)
    blobs.drop_upload(HASH)
    assert not blobs.derived(HASH, "peaks.dat").parent.exists()
    assert not blobs.upload_path(HASH, ".wav").exists()
    assert blobs.has(other, "peaks.dat") and blobs.has(other, "sound.flac")
    assert blobs.upload_path(other, ".wav").is_file()
    blobs.drop_derived(HASH)  # again: there is nothing
    blobs.drop_upload(HASH)
