"""Which year is evaluated, by which policy, and that the results of a year depend on no other year's policy."""

from __future__ import annotations

import hashlib
import json
import shutil
from typing import TYPE_CHECKING, Any

import docx
import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.intake.inbox import list_inbox
from pipeline.intake.stated_years import stated_year, year_to_evaluate
from pipeline.workbooks import policy_workbook
from pipeline.workbooks.template import workbook as template_workbook
from schemas import policy as policies
from tests.policy.test_files import another
from tests.policy.test_workbook import changed, setting
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Give a folder of policies in the place of the program's own: that of 2021 alone."""
    own = tmp_path / "policies"
    own.mkdir()
    shutil.copy(policies.POLICIES / "2021.toml", own)
    monkeypatch.setattr(policies.load, "__defaults__", (own,))
    monkeypatch.setattr(policies.years, "__defaults__", (own,))
    return own


def put(inbox: Path, clean: dict[str, Any], name: str, year: int, under: int | None = None) -> None:
    """Put the clean return into an inbox, on the form of a year."""
    inbox.mkdir(exist_ok=True)
    policy = policies.load(under or year)
    form = policy.model_copy(update={"year": year})
    each = filed.changed(clean, {}, name)
    content = template_workbook.write_form(
        form, each["fields"] | {"fiscal_year": f"（{year}年度）"}, each["indicators"]
    )
    (inbox / f"{name}.xlsx").write_bytes(content)


def evaluate(inbox: Path, output: Path, *more: str) -> int:
    """Evaluate an inbox by the command."""
    return main(["evaluate", str(inbox), "-o", str(output), "--jobs", "1", *more])


def contents(folder: Path) -> dict[str, str]:
    """Give the digest of every result of a year but its record."""
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "run.json")
    return {str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


# ---------------------------------------------------------------------- the year


def test_the_example_is_of_2021_whatever_policies_there_are(folder: Path, tmp_path: Path, capsys: Any) -> None:
    """With policies from 2021, 2022 and 2025 on, the example that says 2021 is evaluated as of 2021: 76.02 points."""
    for since in (2022, 2025):
        another(folder, since)
    assert evaluate(filed.EXAMPLE.parent, tmp_path / "out") == 0
    first, *lines = capsys.readouterr().out.splitlines()
    assert first.startswith("评价年度：2021年度（1份报表写明这一年度）")
    assert any("76.02 分" in line for line in lines)
    assert (tmp_path / "out" / "2021").is_dir()


def test_results_do_not_depend_on_later_policies(folder: Path, tmp_path: Path, clean: dict[str, Any]) -> None:
    """A county evaluated under 2021 has the same bytes after a 2025 policy with other weights was added."""
    put(tmp_path / "inbox", clean, "示例县甲局", 2021)
    assert evaluate(tmp_path / "inbox", tmp_path / "before") == 0
    another(folder, 2025, ("weight = 50", "weight = 40"), ("weight = 30", "weight = 40"))
    assert evaluate(tmp_path / "inbox", tmp_path / "after") == 0
    before = contents(tmp_path / "before" / "2021")
    assert len(before) > 10
    assert contents(tmp_path / "after" / "2021") == before
    records = [json.loads((tmp_path / out / "2021" / "run.json").read_text("utf-8")) for out in ("before", "after")]
    assert records[0]["policy"] == records[1]["policy"]


@pytest.mark.usefixtures("folder")
def test_most_returns_decide_the_year(tmp_path: Path, clean: dict[str, Any], capsys: Any) -> None:
    """Two returns of 2025 are evaluated by the policy that still holds; one of 2021 is listed, unless asked for."""
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    for name, year in (("示例县甲局", 2025), ("示例县乙局", 2025), ("示例县丙局", 2021)):
        put(inbox, clean, name, year)
    assert evaluate(inbox, out) == 0
    said = capsys.readouterr().out
    assert said.startswith("评价年度：2025年度（2份报表写明这一年度，另有2021年度1份，不参加这次评价）。")
    assert "2025年度没有单独的评分办法，沿用蒸财绩〔2022〕1号（2021年度起）。" in said
    assert "示例县丙局.xlsx：表内年度为2021年度，本次评价2025年度" in said
    record = json.loads((out / "2025" / "run.json").read_text("utf-8"))
    assert {name: record["policy"][name] for name in ("year", "since", "file")} == {
        "year": 2025,
        "since": 2021,
        "file": "2021.toml",
    }
    told = {cell.value for line in openpyxl.load_workbook(out / "2025" / "全县汇总.xlsx")["评价办法"] for cell in line}
    assert "2025年度没有单独的评分办法，沿用蒸财绩〔2022〕1号（2021年度起）。" in told
    assert evaluate(inbox, out, "--year", "2021") == 0
    said = capsys.readouterr().out
    assert said.startswith("收到 3 个文件，评价 1 个部门。")
    assert "示例县甲局.xlsx：表内年度为2025年度，本次评价2021年度" in said


def test_a_tie_is_decided_for_the_newest(tmp_path: Path, clean: dict[str, Any]) -> None:
    """Of one return of 2021 and one of 2022 the newest decides; files that are no returns do not count."""
    inbox = tmp_path / "inbox"
    put(inbox, clean, "示例县甲局", 2021)
    put(inbox, clean, "示例县乙局", 2022)
    (inbox / "2019年度部门整体支出绩效自评表.xlsx").write_bytes(b"PK\3\4 no workbook")
    (inbox / "评分办法.xlsx").write_bytes(policy_workbook.write_policy(policies.load(2021)))
    year, counts = year_to_evaluate(list_inbox(inbox, tmp_path / "out"))
    assert (year, dict(counts)) == (2022, {2021: 1, 2022: 1})


def test_the_glance_sees_what_the_reading_reads(tmp_path: Path) -> None:
    """The year of the example is seen in its first megabyte; that of a workbook a run wrote is not."""
    (file,) = list_inbox(filed.EXAMPLE.parent, tmp_path)
    assert stated_year(file) == 2021


# ---------------------------------------------------------------------- the bureau's own policy


def test_the_policy_of_the_inbox_is_that_of_the_run(tmp_path: Path, clean: dict[str, Any], capsys: Any) -> None:
    """A workbook in the inbox evaluates 2019 with 10/40/40/10 and the grade 优; results and forms follow it."""
    inbox, out = tmp_path / "inbox", tmp_path / "out"
    put(inbox, clean, "示例县甲局", 2019, under=2021)

    def change(book: Any) -> None:
        for sheet, cell, value in (
            ("数值", "B2", 2019),
            ("数值", "B3", "某财绩〔2020〕3号"),
            ("数值", "B5", "某某县财政局"),
            ("数值", "B6", "张三"),
            ("分值", "C5", 40),
            ("分值", "C6", 40),
            ("等级", "A4", "优"),
        ):
            setting(sheet, cell, value)(book)

    own = changed(change)
    (inbox / "评分办法.xlsx").write_bytes(own)
    assert evaluate(inbox, out) == 0
    said = capsys.readouterr().out
    assert "评分办法：某财绩〔2020〕3号（2019年度起），评分办法.xlsx。" in said
    policy = json.loads((out / "2019" / "run.json").read_text("utf-8"))["policy"]
    assert (policy["since"], policy["file"], policy["sha256"]) == (
        2019,
        "评分办法.xlsx",
        hashlib.sha256(own).hexdigest(),
    )
    (summary,) = (out / "2019" / "data" / "scores.csv").read_text("utf-8-sig").splitlines()[3:4]
    assert summary.startswith('"示例县甲局","benefit",40,')
    assert main(["explain", "示例县甲局", "-o", str(out), "--year", "2019"]) == 0
    assert "40" in capsys.readouterr().out
    assert main(["report", "-o", str(out), "--year", "2019"]) == 0
    circular = docx.Document(str(out / "2019" / "通报" / "全县通报.docx"))
    lines = [paragraph.text.strip() for paragraph in circular.paragraphs]
    assert {"某某县财政局", "（联系人：张三）"} <= set(lines)
    assert any("根据某财绩〔2020〕3号文件要求" in line for line in lines)
    arguments = ["templates", "-o", str(tmp_path / "forms"), "--policy", str(inbox / "评分办法.xlsx")]
    assert main(arguments) == 0
    form = openpyxl.load_workbook(tmp_path / "forms" / "部门整体支出绩效自评（2019年度）.xlsx")
    texts = " ".join(str(cell.value) for sheet in form for line in sheet for cell in line if cell.value)
    assert "产出指标40分、效益指标40分" in texts
    assert "优（S≥90）" in texts


def test_nothing_runs_on_half_a_policy(tmp_path: Path, clean: dict[str, Any], capsys: Any) -> None:
    """A policy in the inbox with a mistake stops the run before anything is written."""
    put(tmp_path / "inbox", clean, "示例县甲局", 2021)
    (tmp_path / "inbox" / "评分办法.xlsx").write_bytes(changed(setting("分值", "C5", 40)))
    assert evaluate(tmp_path / "inbox", tmp_path / "out") == 2
    assert "  分值!A3：各部分分值之和为90，应为100" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_later_policy_is_not_for_an_earlier_year(tmp_path: Path, clean: dict[str, Any], capsys: Any) -> None:
    """A policy from 2025 on does not evaluate returns of 2021; the cell of its first year says so."""
    put(tmp_path / "inbox", clean, "示例县甲局", 2021)
    (tmp_path / "inbox" / "评分办法.xlsx").write_bytes(changed(setting("数值", "B2", 2025)))
    assert evaluate(tmp_path / "inbox", tmp_path / "out") == 2
    assert "  数值!B2：从2025年度起适用，不能用来评价2021年度" in capsys.readouterr().err


def test_counties_together_have_one_policy(tmp_path: Path, clean: dict[str, Any], capsys: Any) -> None:
    """A policy that lies in the folder of one county of several is refused, not left unused."""
    (tmp_path / "inbox").mkdir()
    put(tmp_path / "inbox" / "甲县", clean, "示例县甲局", 2021)
    (tmp_path / "inbox" / "甲县" / "评分办法.xlsx").write_bytes(changed(lambda _: None))
    assert evaluate(tmp_path / "inbox", tmp_path / "out", "--counties") == 2
    assert "各县一起评价时按同一份评分办法" in capsys.readouterr().err


# ---------------------------------------------------------------------- another year


@pytest.mark.slow
def test_the_made_up_county_may_be_of_any_year(tmp_path: Path) -> None:
    """`jixiao demo --year 2025` evaluates a county of 2025, its last year 2024 and its prior figures among it."""
    assert main(["demo", "-o", str(tmp_path), "--count", "10", "--year", "2025"]) == 0
    assert (tmp_path / "output" / "2025" / "全县汇总.xlsx").is_file()
    years = (tmp_path / "output" / "2025" / "data" / "submissions.csv").read_text("utf-8-sig")
    assert ",2025," in years
    assert ",2021," not in years


def test_the_command_compares_two_years(folder: Path, capsys: Any) -> None:
    """`jixiao policy --diff 2021 2025` lists what changed; of years without a policy of their own it says so."""
    assert main(["policy", "--diff", "2021", "2025"]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "2025年度没有单独的评分办法，沿用蒸财绩〔2022〕1号（2021年度起）。",
        "两份评分办法没有不同。",
    ]
    another(folder, 2025, ("self_difference = 5", "self_difference = 3"))
    assert main(["policy", "--diff", "2021", "2025"]) == 0
    assert capsys.readouterr().out.splitlines() == ["起始年度：2021 → 2025", "提醒：自评与核算相差：5 → 3"]


def test_a_policy_is_written_in_both_forms(tmp_path: Path, capsys: Any) -> None:
    """`--write` makes a workbook with a public variant, then TOML of it; neither overwrites, and the two agree."""
    book, file = tmp_path / "评分办法.xlsx", tmp_path / "2025.toml"
    assert main(["policy", "--take", "national-2020", "--write", str(book)]) == 0
    assert main(["policy", "--policy", str(book), "--write", str(file)]) == 0
    assert main(["policy", "--policy", str(book), "--write", str(file)]) == 2
    assert "已经存在，没有覆盖" in capsys.readouterr().err
    assert main(["policy", "--diff", str(book), str(file)]) == 0
    assert capsys.readouterr().out == "两份评分办法没有不同。\n"
    assert main(["policy", "--take", "natonal", "--check"]) == 2
    assert "是不是 national-2020" in capsys.readouterr().err
