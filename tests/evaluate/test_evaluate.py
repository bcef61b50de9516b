"""A run over a folder: what is written, what is refused, and what never changes."""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.evaluate import evaluate
from pipeline.output import files as output_files
from pipeline.workers.local_processes import LocalProcesses
from schemas import policy as policies
from schemas.enums import Alarm, Severity, Standing, State, Status
from schemas.lists.reviews import Effect
from schemas.tables import COLUMNS
from schemas.text.model import Comparison
from tests.support import filed
from tests.support.written import table

if TYPE_CHECKING:
    from enum import StrEnum
    from pathlib import Path

    from schemas.policy import Policy

CONTRACT = {
    "submissions": "department,fiscal_year,source_file,sha256,status,reason",
    "facts": "department,field,label,raw,value,sheet,cell,source_file",
    "indicators": "department,row,level1,level2,level3,target,actual,comparison,target_value,actual_value,unit,state,"
    "attainment,weight,points,self_points,explanation,sheet,cell",
    "findings": "department,rule,severity,sheet,cell,field,stated,expected,message,remedy,source_file",
    "measures": "department,measure,label,numerator,denominator,value,reason",
    "scores": "department,criterion,weight,points,self_points,difference,unreported_weight,unjudged_weight",
    "reviews": "department,item,about,filed,computed,why,verdict,points,reason,by,date,told,content,effect",
    "reference": "department,measure,label,value,weight,points,reason,source",
    "alarms": "department,alarm,reason",
    "county": "measure,label,numerator,denominator,value,mean,median,departments,reason",
    "changes": "department,label,before,after,sheet,cell,earlier_file,later_file",
    "summary": "department,status,points,grade,provisional,self_points,self_grade,difference,rank,errors,warnings",
}


def digests(folder: Path) -> dict[str, tuple[str, int]]:
    """Give the hash and modification time of every file."""
    return {
        str(path.relative_to(folder)): (hashlib.sha256(path.read_bytes()).hexdigest(), path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.fixture
def inbox(tmp_path: Path, seed: dict[str, Any], clean: dict[str, Any]) -> Path:
    """Give an inbox of two good returns, a duplicate, and every simple kind of file that cannot be read."""
    folder = tmp_path / "收件夹"
    (folder / "下级").mkdir(parents=True)
    good = filed.workbook(seed)
    (folder / "科工局.xlsx").write_bytes(good)
    (folder / "科工局（副本）.xlsx").write_bytes(good)
    (folder / "下级" / "样板局.xlsx").write_bytes(filed.workbook(clean))
    (folder / "损坏.xlsx").write_bytes(good[: len(good) // 2])
    (folder / "空.xlsx").write_bytes(b"")
    (folder / "加密.xlsx").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le"))
    (folder / "说明.docx").write_bytes(b"PK\x03\x04not a workbook")
    (folder / "别的表.xlsx").write_bytes(other_workbook())
    last_year = filed.changed(clean, {"fields": {"fiscal_year": "（2020年度）"}}, "示例县去年局")
    (folder / "去年.xlsx").write_bytes(filed.workbook(last_year))
    (folder / "~$科工局.xlsx").write_bytes(b"lock")
    for number, path in enumerate(sorted(folder.rglob("*.xlsx"))):
        os.utime(path, (1_650_000_000 + number, 1_650_000_000 + number))
    return folder


def other_workbook() -> bytes:
    """Give a workbook that holds neither annex."""
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active["A1"] = "通讯录"
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_every_file_ends_in_one_line(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Good returns are evaluated, each other file is refused with its reason, and the inbox is as it was."""
    before = digests(inbox)
    run = evaluate(inbox, tmp_path / "out", policy)
    lines = table(run.folder, "submissions")
    assert sorted(line["source_file"] for line in lines) == sorted(before)
    found = {line["source_file"]: (line["status"], line["reason"]) for line in lines}
    assert found["下级/样板局.xlsx"] == ("accepted", "")
    counted = [found[name][0] for name in ("科工局.xlsx", "科工局（副本）.xlsx")]
    assert sorted(counted) == ["accepted_with_errors", "duplicate"]
    words = {
        "损坏.xlsx": "已损坏",
        "空.xlsx": "空的",
        "加密.xlsx": "密码",
        "说明.docx": "已损坏",
        "别的表.xlsx": "没有找到附件1-1、附件1-2",
        "去年.xlsx": "表内年度为2020年度，本次评价2021年度",
    }
    for name, word in words.items():
        status, reason = found[name]
        assert status == "rejected"
        assert word in reason
    assert found["~$科工局.xlsx"][0] == "ignored"
    assert digests(inbox) == before


def test_the_manual_tells_of_every_sheet(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """The sheets of both workbooks are those of docs/manual.zh-CN.md; the one on idle waivers comes when needed."""
    run = evaluate(inbox, tmp_path / "out", policy)
    scored = run.folder / "部门评分" / "衡阳县科技和工业信息化局.xlsx"
    assert _listed("全县汇总") - {"未生效的豁免"} == _sheets(run.folder / "全县汇总.xlsx")
    assert _listed("部门评分工作簿") == _sheets(scored)


def _sheets(path: Path) -> set[str]:
    return set(openpyxl.load_workbook(path, read_only=True).sheetnames)


def _listed(heading: str) -> set[str]:
    """Give the sheets in the table of the manual below a heading."""
    manual = (filed.ROOT / "docs" / "manual.zh-CN.md").read_text(encoding="utf-8")
    table = manual.partition(f"### {heading}\n")[2].partition("![")[0]
    cells = [line.split("|")[1].strip() for line in table.splitlines() if line.startswith("|")][2:]
    return {name for cell in cells for name in cell.split("、")}


def test_the_readme_tells_every_column() -> None:
    """The table of data files in README.md has the columns of each file, in their order."""
    lines = (filed.ROOT / "README.md").read_text(encoding="utf-8").splitlines()
    cells = [line.strip("|").split("|") for line in lines if ".csv |" in line]
    told = {name.strip().removesuffix(".csv"): columns.strip().split(", ") for name, _, columns in cells}
    assert told == COLUMNS


@pytest.mark.parametrize(
    ("column", "words"),
    [("status", Status), ("severity", Severity), ("standing", Standing), ("state", State), ("effect", Effect),
     ("comparison", Comparison), ("alarm", Alarm)],
)  # fmt: skip
def test_the_readme_tells_every_word(column: str, words: type[StrEnum]) -> None:
    """README.md lists the words of each column that has a few, all of them and no others; a blank one is told."""
    page = (filed.ROOT / "README.md").read_text(encoding="utf-8")
    (line,) = re.findall(rf"^- `{column}`[^:]*: (.*)$", page, re.MULTILINE)
    told = [re.sub(r"^blank.*", "", each).split(" ")[0] for each in re.sub(r";.*|\(.*?\)", "", line).split(" · ")]
    assert sorted(told) == sorted(words)


def test_outputs_are_those_of_the_contract(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Each CSV begins with the contract's columns in order, in UTF-8 with BOM; workbooks and run.json are there."""
    run = evaluate(inbox, tmp_path / "out", policy)
    for name, columns in CONTRACT.items():
        content = (run.folder / "data" / f"{name}.csv").read_bytes()
        assert content.startswith(b"\xef\xbb\xbf")
        header = content.decode("utf-8-sig").splitlines()[0]
        assert header == columns or header.startswith(f"{columns},")
    books = sorted(path.name for path in (run.folder / "部门评分").iterdir())
    assert books == ["示例县样板局.xlsx", "衡阳县科技和工业信息化局.xlsx"]
    told = json.loads((run.folder / "run.json").read_text(encoding="utf-8"))
    assert told["policy"]["sha256"] == policy.sha256
    assert told["counts"]["departments"] == 2
    assert {each["source_file"] for each in told["inputs"]} == set(digests(inbox))
    assert set(told["seconds"]) == {"read", "evaluate", "write"}


def test_another_department_changes_nothing(inbox: Path, tmp_path: Path, policy: Policy, clean: dict[str, Any]) -> None:
    """The books of a department are the same to the byte whoever else is in the run, in one process or two."""
    first = evaluate(inbox, tmp_path / "first", policy)
    (inbox / "又一个.xlsx").write_bytes(filed.workbook(filed.changed(clean, {}, "示例县又一局")))
    with LocalProcesses(2) as two:
        second = evaluate(inbox, tmp_path / "second", policy, two)
    for name in ("示例县样板局.xlsx", "衡阳县科技和工业信息化局.xlsx"):
        assert (first.folder / "部门评分" / name).read_bytes() == (second.folder / "部门评分" / name).read_bytes()


def test_a_return_with_errors_goes_back_and_comes_in_again(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Only the return with errors is in 退回修改; sent again as it is, it gives the same scores and findings."""
    first = evaluate(inbox, tmp_path / "first", policy)
    (back,) = (first.folder / "退回修改").iterdir()
    assert back.name == "衡阳县科技和工业信息化局.xlsx"
    again = tmp_path / "again"
    again.mkdir()
    (again / "科工局.xlsx").write_bytes(back.read_bytes())
    second = evaluate(again, tmp_path / "second", policy)
    for name in ("scores", "indicators", "facts", "findings"):
        mine = [row for row in table(first.folder, name) if row["department"] == back.stem]
        assert [row | {"source_file": ""} for row in mine] == [
            row | {"source_file": ""} for row in table(second.folder, name)
        ]


def test_a_file_that_changes_during_the_run_does_not_go_back(
    inbox: Path, tmp_path: Path, policy: Policy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is marked is the file that was read: another one of that name is left alone."""
    monkeypatch.setattr("pipeline.workbooks.write_departments.content", lambda _: other_workbook())
    run = evaluate(inbox, tmp_path / "out", policy)
    assert run.returned == 0
    assert not (run.folder / "退回修改").exists()


def test_same_inputs_give_the_same_bytes(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Two runs over the same inbox write the same bytes, run.json apart, which tells the time."""
    first = evaluate(inbox, tmp_path / "first", policy).folder
    second = evaluate(inbox, tmp_path / "second", policy).folder
    names = [path.relative_to(first) for path in first.rglob("*") if path.is_file() and path.name != "run.json"]
    # two scored workbooks, one returned, the county's, its first page as data, what waits, journal
    assert len(names) == 7 + len(CONTRACT)
    for name in names:
        assert (first / name).read_bytes() == (second / name).read_bytes()


EVIL = ("=1+1", "@SUM(A1)", "+1", "-2+3", '=HYPERLINK("http://x.test")', "http://x.test/a", "{=1}", "mailto:a@x.test")


def test_text_is_only_ever_text(tmp_path: Path, policy: Policy, clean: dict[str, Any]) -> None:
    """What a department wrote never becomes a formula or a link, in no workbook and no CSV cell."""
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    rows = {str(number): {"level3": text, "target": text, "actual": text} for number, text in enumerate(EVIL, 1)}
    fields = {"economy_measures": "=1+1", "goal_planned": "=cmd|'/C calc'!A0", "deviation_reasons": "@x"}
    evil = filed.changed(clean, {"fields": fields, "rows": rows}, "=示例县坏局")
    (inbox / "=坏.xlsx").write_bytes(filed.workbook(evil))
    run = evaluate(inbox, tmp_path / "out", policy)
    books = [run.folder / "全县汇总.xlsx", *(run.folder / "部门评分").iterdir()]
    assert len(books) == 2
    for path in books:
        with zipfile.ZipFile(path) as package:
            parts = {name: package.read(name).decode() for name in package.namelist()}
        formulas = [text for part in parts.values() for text in re.findall(r"<f>(.*?)</f>", part)]
        assert formulas
        assert not [text for text in formulas if any(evil in text for evil in ("1+1", "HYPERLINK", "cmd", "2+3"))]
        links = [
            text for part in parts.values() for text in re.findall(r'Target="([^"]*)" TargetMode="External"', part)
        ]
        assert not [link for link in links if "x.test" in link]
    for name in CONTRACT:
        for line in table(run.folder, name):
            assert not [value for value in line.values() if re.match(r"[=@+]", value)]
    stated = {row["field"]: row["raw"] for row in table(run.folder, "facts")}
    assert stated["economy_measures"] == "'=1+1"


def test_department_names_make_safe_and_distinct_file_names() -> None:
    """Reserved names, separators, trailing dots, long names and look-alikes each get a safe file of their own."""
    names = ["CON", "a/b", "a\\b", "局.", "ABC局", "abc局", "局" * 200, "局" * 200 + "二", "..", "a:b"]
    given = output_files.file_names(names)
    assert len({name.casefold() for name in given.values()}) == len(names)
    for name in given.values():
        assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
        assert name not in {"", ".", "..", "CON"}
        assert not name.endswith((".", " "))
        assert len(f"{name}.xlsx".encode()) <= 255


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, as in a pipe."""
    return subprocess.run(
        [sys.executable, "-m", "pipeline", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=filed.ROOT,
        encoding="utf-8",
    )


def test_the_command_says_what_it_did(inbox: Path, tmp_path: Path) -> None:
    """In a pipe the command prints only its closing message: what was read, what was refused, where the results are."""
    done = command("evaluate", str(inbox), "-o", str(tmp_path / "out"), "--year", "2021")
    assert done.returncode == 0
    assert done.stderr == ""
    assert "收到 10 个文件，评价 2 个部门。" in done.stdout
    assert "衡阳县科技和工业信息化局：76.02 分，较差（暂定）；自评 91.00 分；错误 8 处，提醒 11 处" in done.stdout
    assert "没有读取（6 个）：" in done.stdout
    assert "全县汇总.xlsx" in done.stdout


def test_an_empty_inbox_says_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """An inbox without returns ends in 1, one that is not there in 2, and both say what to do."""
    (tmp_path / "inbox").mkdir()
    assert main(["evaluate", str(tmp_path / "inbox"), "-o", str(tmp_path / "out")]) == 1
    told = capsys.readouterr().err
    assert told == f"收件夹里没有报表：{tmp_path / 'inbox'}\n请放入各部门报送的 .xlsx 文件后再运行。\n"
    assert main(["evaluate", str(tmp_path / "nowhere"), "-o", str(tmp_path / "out")]) == 2
    assert "没有找到收件夹" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_inbox_of_refused_files_ends_in_one(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """When no file could be evaluated the exit status is 1 and each file's reason is told."""
    (tmp_path / "坏.xlsx").write_bytes(b"nothing")
    assert main(["evaluate", str(tmp_path), "-o", str(tmp_path / "out")]) == 1
    assert "坏.xlsx：不是 Excel 工作簿" in capsys.readouterr().err


def test_an_unknown_year_ends_in_two(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A year without a policy file is wrong usage, and the years there are get named."""
    assert main(["evaluate", str(tmp_path), "--year", "1999"]) == 2
    assert "没有1999年度的政策文件" in capsys.readouterr().err


def test_a_broken_policy_lists_all_its_mistakes(tmp_path: Path) -> None:
    """A policy file with four mistakes is refused with all four, each at its place, in Chinese."""
    text = (policies.POLICIES / "2021.toml").read_text(encoding="utf-8")
    broken = (
        text.replace("weight = 50", 'weight = "五十"')
        .replace("from = 80", "from = -80")
        .replace('set_aside = ["未来"', 'set_asid = ["未来"')
    )
    (tmp_path / "2021.toml").write_text(broken, encoding="utf-8")
    with pytest.raises(policies.PolicyError) as error:
        policies.load(2021, tmp_path)
    told = str(error.value)
    assert "4处错误" in told
    for line in (
        "criteria.2.weight：应为数字",
        "grades.2.from：应不小于0",
        "set_asid：没有这样的项目",
        "set_aside：缺少这一项",
    ):
        assert line in told


@pytest.mark.parametrize(("left_out", "points", "unreported"), [(0, 99.26, 0), (1, 0, 90)])
def test_a_return_with_one_annex_is_evaluated_as_far_as_it_goes(
    left_out: int, points: float, unreported: float, tmp_path: Path, policy: Policy, clean: dict[str, Any]
) -> None:
    """Without annex 1-1 the points stand; without annex 1-2 all 90 of the blocks are unreported; both are an error."""
    book = openpyxl.load_workbook(io.BytesIO(filed.workbook(clean)), data_only=True)
    del book[book.sheetnames[left_out]]
    book.save(tmp_path / "一张表.xlsx")
    run = evaluate(tmp_path, tmp_path / "out", policy)
    (total,) = [row for row in table(run.folder, "scores") if row["criterion"] == "total"]
    assert (float(total["points"]), float(total["unreported_weight"])) == (points, unreported)
    assert [row["rule"] for row in table(run.folder, "findings")] == ["annex_missing"]
    assert (run.folder / "部门评分" / "示例县样板局.xlsx").is_file()
