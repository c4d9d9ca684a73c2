import pytest

from speechlabel.errors import ExportError
from speechlabel.formats.output import staged_folder, write_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_appears_whole(tmp_path):
    target = tmp_path / "new/out"
    with staged_folder(target) as folder:
        (folder / "sub").mkdir()
        (folder / "sub/x").write_text("x")
        assert not target.exists()
    assert (target / "sub/x").read_text() == "x"
    assert names(tmp_path / "new") == ["out"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, RuntimeError])
def test_a_failure_leaves_nothing_new_and_keeps_the_old(tmp_path, error):
    target = tmp_path / "out"
    target.mkdir()
    (target / "old").write_text("old")
    with pytest.raises(error), staged_folder(target, overwrite=True) as folder:
        (folder / "half").write_text("half")
        raise error
    assert names(tmp_path) == ["out"]
    assert names(target) == ["old"]


def test_what_is_there_is_replaced_only_when_told(tmp_path):
    (tmp_path / "out").mkdir()
    with staged_folder(tmp_path / "out") as folder:  # an empty folder is nobody's work
        (folder / "one").write_text("1")
    with pytest.raises(ExportError, match="there already"), staged_folder(tmp_path / "out"):
        pass
    with staged_folder(tmp_path / "out", overwrite=True) as folder:
        (folder / "two").write_text("2")
    assert names(tmp_path / "out") == ["two"]
    assert names(tmp_path) == ["out"]


def test_a_disk_that_refuses_is_an_export_error(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(ExportError, match="cannot write"), staged_folder(tmp_path / "file/out"):
        pass
    with pytest.raises(ExportError, match="No space left"), staged_folder(tmp_path / "out"):
        raise OSError(28, "No space left on device")
    with pytest.raises(ExportError, match="cannot write"):
        write_file(tmp_path / "file/x", "text")
    assert names(tmp_path) == ["file"]


def test_a_file_is_replaced_whole(tmp_path):
    write_file(tmp_path / "new/x", "one\r\n你")
    write_file(tmp_path / "new/x", "two\n你")
    assert (tmp_path / "new/x").read_bytes() == "two\n你".encode()
    assert names(tmp_path / "new") == ["x"]
