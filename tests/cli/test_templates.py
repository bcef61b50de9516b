"""``jixiao templates`` run again: what people filled in where it was made is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.__main__ import main
from schemas.file_names import DEPARTMENT_FORMS

if TYPE_CHECKING:
    from pathlib import Path

    import pytest

from tests.lists.test_roster import made


def test_a_form_filled_in_where_it_was_made_is_kept(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Work of people is never lost: a form filled in under 各部门/ is kept beside the new one, and told."""
    (tmp_path / "部门名册.xlsx").write_bytes(made(("部门名称",), ("示例县甲局",), ("示例县乙局",)))
    arguments = ["templates", "--roster", str(tmp_path / "部门名册.xlsx"), "-o", str(tmp_path / "out")]
    assert main(arguments) == 0
    first, second = sorted((tmp_path / "out" / DEPARTMENT_FORMS).iterdir())
    blank = first.read_bytes(), second.read_bytes()
    first.write_bytes(b"filled in")
    capsys.readouterr()
    assert main(arguments) == 0
    kept = first.with_stem(f"{first.stem}（旧1）")
    assert (first.read_bytes(), second.read_bytes()) == blank
    assert kept.read_bytes() == b"filled in"
    assert f"原有的、与新的不同的 1 份改了名保存在同一文件夹：{kept.name}" in capsys.readouterr().out


def test_a_list_too_large_to_read_is_told_and_stays(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A roster of a gigabyte where the blank one goes is not read into memory: it is told, and stays as it is."""
    roster = tmp_path / "部门名册.xlsx"
    with roster.open("wb") as file:
        file.truncate(2**30)
    assert main(["templates", "-o", str(tmp_path)]) == 2
    assert "读不出" in capsys.readouterr().err
    assert roster.stat().st_size == 2**30
