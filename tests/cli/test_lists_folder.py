"""``--lists``: the bureau's lists lie where departments cannot write, and those in the inbox decide nothing."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

import pytest

from pipeline.__main__ import main, parsers
from pipeline.intake.arrivals import compare_with_last_run, take_snapshot_of_lists
from pipeline.workbooks import policy_workbook
from pipeline.workbooks.blank_lists import write_blank_roster
from schemas.file_names import POLICY, REVIEWS, ROSTER, WAIVERS
from tests.support import filed
from tests.support.written import table

if TYPE_CHECKING:
    from pathlib import Path

    from schemas.policy import Policy


@pytest.fixture
def folders(tmp_path: Path, clean: dict[str, Any], policy: Policy) -> tuple[Path, Path]:
    """Give an inbox in which a department has left lists of its own, and the bureau's folder of lists."""
    inbox, lists = tmp_path / "inbox", tmp_path / "名单"
    inbox.mkdir()
    lists.mkdir()
    (inbox / "样板局.xlsx").write_bytes(filed.workbook(clean))
    for name in (ROSTER, WAIVERS, REVIEWS, POLICY):
        (inbox / name).write_bytes(b"whatever a department has put there")
    (lists / ROSTER).write_bytes(write_blank_roster())
    own = policy.model_copy(update={"circular": "名单夹〔2022〕9号"})
    (lists / POLICY).write_bytes(policy_workbook.write_policy(own))
    return inbox, lists


def test_lists_in_the_inbox_decide_nothing(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With --lists the lists of the inbox are not opened, each is told as not used, and those of the folder hold."""
    inbox, lists = folders
    asked = ["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--year", "2021", "--jobs", "1"]
    assert main(asked) == 2  # without it the department's own would decide, here they are no workbooks
    assert main([*asked, "--lists", str(lists)]) == 0
    capsys.readouterr()
    results = tmp_path / "out" / "2021"
    told = {line["source_file"]: line["reason"] for line in table(results, "submissions")}
    assert all("没有采用：名单用的是" in told[name] for name in (ROSTER, WAIVERS, REVIEWS, POLICY))
    assert json.loads((results / "run.json").read_text(encoding="utf-8"))["policy"]["circular"] == "名单夹〔2022〕9号"


def test_a_change_in_the_folder_of_lists_is_a_change(folders: tuple[Path, Path], tmp_path: Path) -> None:
    """A new list in the folder is seen by the next run, by status and by watch; one in the inbox by none of them."""
    inbox, lists = folders
    output = tmp_path / "out"
    asked = ["evaluate", str(inbox), "-o", str(output), "--year", "2021", "--jobs", "1", "--lists", str(lists)]
    assert main(asked) == 0
    seen, record = take_snapshot_of_lists(lists), output / "2021" / "run.json"
    (inbox / WAIVERS).write_bytes(b"another")
    assert str(compare_with_last_run(output / "2021", inbox, output, lists)) == ""
    assert take_snapshot_of_lists(lists) == seen
    (lists / WAIVERS).write_bytes(b"no workbook")
    later = record.stat().st_mtime_ns + 10**9
    os.utime(lists / WAIVERS, ns=(later, later))
    assert WAIVERS in str(compare_with_last_run(output / "2021", inbox, output, lists))
    assert take_snapshot_of_lists(lists) != seen
    assert main(asked) == 2


def test_lists_in_a_folder_of_the_inbox_are_refused(
    folders: tuple[Path, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A folder of lists that is not there, or lies in the inbox, where departments can write, is told: status 2."""
    inbox, _ = folders
    (inbox / "名单").mkdir()
    for lists, told in ((inbox / "名单", "在收件夹里面"), (tmp_path / "没有", "没有找到名单所在的文件夹")):
        assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--lists", str(lists)]) == 2
        assert told in capsys.readouterr().err


def test_each_county_has_lists_of_its_own(
    folders: tuple[Path, Path], tmp_path: Path, clean: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """With several counties the lists of one lie in the folder of its name below that of the lists."""
    _, lists = folders
    city, of_city = tmp_path / "全市", tmp_path / "全市名单"
    for county in ("甲县", "乙县"):
        (city / county).mkdir(parents=True)
        (city / county / "样板局.xlsx").write_bytes(filed.workbook(clean))
        (city / county / ROSTER).write_bytes(b"of a department")
        (of_city / county).mkdir(parents=True)
        (of_city / county / ROSTER).write_bytes((lists / ROSTER).read_bytes())
    asked = ["evaluate", str(city), "-o", str(tmp_path / "out"), "--year", "2021", "--jobs", "1", "--counties"]
    assert main([*asked, "--lists", str(of_city)]) == 0
    capsys.readouterr()
    told = {line["source_file"]: line["reason"] for line in table(tmp_path / "out" / "乙县" / "2021", "submissions")}
    assert "没有采用：名单用的是" in told[ROSTER]


def test_every_command_that_looks_for_lists_takes_the_folder() -> None:
    """Each command that reads a list of the bureau, or the policy of the inbox, takes --lists."""
    _, commands = parsers()
    taking = {name for name, parser in commands.items() if "--lists" in parser.format_help()}
    assert taking == {"evaluate", "watch", "status", "templates", "check", "serve", "import", "policy", "forms"}
