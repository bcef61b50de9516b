"""Everything that ever went wrong at the door, in one inbox: status 0, one line a file, and the seed has its points."""

from __future__ import annotations

import io
import os
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.__main__ import main
from tests.intake.test_any_part_of_a_form import ROWS, page
from tests.intake.test_other_forms import OFFICE, TITLE, project, with_title
from tests.support import filed
from tests.support.pages import saved
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path


DAYS = {"甲.xlsx": 1648000000, "甲（改）.xlsx": 1648086400, "甲(1).xlsx": 1648172800}
"""F17: when each file of 示例县甲局 was last changed; the first and the last hold the same."""


def roster() -> bytes:
    """F33: a roster with a sum and a note below the names."""
    book = openpyxl.Workbook()
    for name in ("部门名称", OFFICE, "示例县甲局", "示例县乙局", "合计", "注：以上单位均应报送"):
        book.active.append((name,))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def inbox_of_all(clean: dict[str, Any]) -> dict[str, bytes]:
    """Give the files by name."""
    first = filed.workbook(filed.changed(clean, {}, "示例县甲局"))
    corrected = filed.workbook(filed.changed(clean, {"fields": {"filled_by": "李四"}}, "示例县甲局"))
    unnamed = filed.workbook(filed.changed(clean, {}, ""))
    return {
        f"{OFFICE}.xlsx": filed.workbook(filed.load()),
        "F001.xlsx": saved({"表": page(ROWS)}),
        "F002.xlsx": saved({"表": page([(TITLE,), *ROWS])}),
        "F004.xlsx": project("项目支出绩效自评表（2021年度）"),
        "F005.xlsx": project("项目支出绩效自评表（2021年度）", office=False),
        "F007.xlsx": with_title("2022年度部门整体绩效自评表"),
        "F008.xlsx": project("2022年度项目支出绩效自评表"),
        "F010.xlsx": project("绩效目标自评表\n（2019年度）"),
        "F011.xlsx": project("2020年度县级专项资金绩效目标自评表"),
        "F013.xlsx": with_title("部门（单位）整体支出绩效自评表（2022年度）"),
        "F014.xlsx": with_title(TITLE, year="（2022 年 度）"),
        "F016.xlsx": with_title(TITLE, year="评价年度：2022年"),
        "甲.xlsx": first,
        "甲（改）.xlsx": corrected,
        "甲(1).xlsx": first,
        ".~甲.xlsx": b"WPS",
        "~$甲.xlsx": b"Excel",
        "县水利局#终稿.xlsx": unnamed,
        "部门名册.xlsx": roster(),
    }


@pytest.mark.slow
def test_all_of_them_in_one_inbox(tmp_path: Path, clean: dict[str, Any], capsys: pytest.CaptureFixture[str]) -> None:
    """F001-F016, F17, F19, F33 and F38 together with the seed: status 0, one line a file, each as it is alone."""
    inbox, files = tmp_path / "inbox", inbox_of_all(clean)
    inbox.mkdir()
    for name, content in files.items():
        (inbox / name).write_bytes(content)
        os.utime(inbox / name, (DAYS.get(name, 1648000000),) * 2)
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 0
    rows = table(tmp_path / "out" / "2021", "submissions")
    assert sorted(row["source_file"] for row in rows if row["source_file"]) == sorted(files)
    status = {row["source_file"] or row["department"]: row["status"] for row in rows}
    other_year_or_form = {name for name in files if name.startswith("F0") and name > "F003"}
    assert {name for name, each in status.items() if each == "rejected"} == {"F001.xlsx", *other_year_or_form}
    assert {name for name, each in status.items() if each == "superseded"} == {"甲.xlsx", "甲(1).xlsx"}
    assert [name for name, each in status.items() if each == "missing"] == ["示例县乙局"]
    points = {row["department"]: row["points"] for row in table(tmp_path / "out" / "2021", "summary")}
    # The seed: 9.62 + 38.40 + 28.00 + 0.00; the clean return: 99.26, by test_worked.
    assert (points[OFFICE], points["示例县甲局"], points["（单位名称空白）县水利局#终稿"]) == (
        "76.02",
        "99.26",
        "99.26",
    )
    capsys.readouterr()
    assert main(["check", *(str(inbox / name) for name in files if name.endswith("xlsx")), "--year", "2021"]) == 1
    assert main(["status", str(inbox), "-o", str(tmp_path / "out"), "--year", "2021"]) == 0
    assert main(["report", "--reminders", "-o", str(tmp_path / "out"), "--year", "2021"]) == 0
