"""`jixiao report`: what the circular and the report of a department say is what the CSV files of the run say."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import docx
import pytest

from pipeline import demo
from pipeline import evaluate as pipeline_evaluate
from pipeline.__main__ import main
from pipeline.documents import templates
from pipeline.documents.circular import write_circular
from pipeline.documents.fill import TemplateError, fill_template
from pipeline.documents.official_style import DocumentTable, begin_document
from pipeline.documents.self_report import placeholder_tables, placeholder_texts, write_self_report
from pipeline.output.sealed import SEAL, seal
from schemas.forms import FIELDS
from schemas.measures import MEASURES
from schemas.rules.mistakes import MISTAKE_OF
from schemas.text.normalise import normalise_label
from tests.support import filed, worded
from tests.support.office import converted, needs_office

if TYPE_CHECKING:
    from pathlib import Path

    from docx.document import Document

    from schemas.policy import Policy

OFFICE = "衡阳县科技和工业信息化局"
ODD = '=HYPERLINK("http://x") {{年度}} <w:t>&amp;'


@pytest.fixture(scope="module")
def seed_run(tmp_path_factory: pytest.TempPathFactory, policy: Policy, seed: dict[str, Any]) -> Path:
    """Evaluate the seed alone; give the year's folder."""
    folder = tmp_path_factory.mktemp("seed")
    inbox = folder / "inbox"
    inbox.mkdir()
    (inbox / f"{OFFICE}.xlsx").write_bytes(filed.workbook(seed))
    pipeline_evaluate.evaluate(inbox, folder / "output", policy)
    return folder / "output" / str(policy.year)


@pytest.fixture(scope="module")
def county(tmp_path_factory: pytest.TempPathFactory, policy: Policy) -> Path:
    """Evaluate a made-up county of 30; give the year's folder."""
    folder = tmp_path_factory.mktemp("county")
    demo.run_demo(folder, policy.year, 7, 30)
    return folder / "output" / str(policy.year)


def _rows(folder: Path, name: str) -> list[dict[str, str]]:
    with (folder / "data" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def _opened(content: bytes) -> Document:
    return docx.Document(io.BytesIO(content))


def _text(document: Document) -> str:
    return "\n".join(paragraph.text for paragraph in document.paragraphs)


def _tables(document: Document) -> dict[str, list[list[str]]]:
    """Give the lines below the heads of each table, by its heads."""
    found = {}
    for table in document.tables:
        head, *lines = [[cell.text for cell in row.cells] for row in table.rows]
        found["|".join(head)] = lines
    return found


def _circular(folder: Path, policy: Policy) -> Document:
    return _opened(write_circular(folder, policy, templates.circular_template()))


# ---------------------------------------------------------------------- the county


def test_counts_and_grades_are_those_of_the_csv(county: Path, policy: Policy) -> None:
    """Departments evaluated, missing and in each grade are as many as summary.csv and submissions.csv have."""
    made = _circular(county, policy)
    summary = _rows(county, "summary")
    evaluated = [row for row in summary if row["points"]]
    missing = [row for row in summary if row["status"] == "missing"]
    grades = Counter(row["grade"] for row in evaluated)
    assert f"全县应报部门{len(evaluated) + len(missing)}个，已报送并完成评价的部门{len(evaluated)}个" in _text(made)
    assert f"的部门{len(missing)}个" in _text(made)
    lines = _tables(made)["等级|分数线|部门数|占比|其中暂定"]
    assert [(line[0], int(line[2])) for line in lines] == [(g.word, grades[g.word]) for g in policy.grades]
    provisional = Counter(row["grade"] for row in evaluated if row["provisional"] == "True")
    assert [int(line[4]) for line in lines] == [provisional[g.word] for g in policy.grades]


def test_the_ranking_is_the_summary(county: Path, policy: Policy) -> None:
    """Each line of the ranking has rank, points, grade, own points and errors of its department, in that order."""
    lines = _tables(_circular(county, policy))["名次|部门|得分|等级|自评|错误"]
    rows = [row for row in _rows(county, "summary") if row["points"]]
    assert [line[1] for line in lines] == [row["department"] for row in rows]
    for line, row in zip(lines, rows, strict=True):
        assert line[0] == row["rank"]
        assert Decimal(line[2]) == Decimal(row["points"])
        assert line[3] == row["grade"] + ("（暂定）" if row["provisional"] == "True" else "")
        assert (Decimal(line[4]) if line[4] != "未填报" else None) == (
            Decimal(row["self_points"]) if row["self_points"] else None
        )
        assert line[5] == row["errors"]


def test_common_problems_and_who_must_mend_are_the_findings_that_count(county: Path, policy: Policy) -> None:
    """Departments a problem has are those with a counted error or warning of its rules; who has errors must resubmit.

    What was pointed out last year is no problem of its own.
    """
    found = _tables(_circular(county, policy))
    counted = [row for row in _rows(county, "findings") if row["standing"] == "counted" and row["severity"] != "info"]
    made = {(MISTAKE_OF[row["rule"]].title, row["department"]) for row in counted if row["rule"] != "found_last_year"}
    broken = Counter(title for title, _ in made)
    lines = found["序号|问题|部门数|占比|上年已指出"]
    assert {line[1]: int(line[2]) for line in lines} == dict(broken.most_common(len(lines)))
    assert [int(line[2]) for line in lines] == sorted(broken.values(), reverse=True)[: len(lines)]
    erring = Counter(row["department"] for row in counted if row["severity"] == "error")
    assert {line[1]: int(line[2]) for line in found["序号|部门|错误|主要问题"]} == dict(erring)
    missing = {row["department"] for row in _rows(county, "submissions") if row["status"] == "missing"}
    assert missing <= {line[1] for line in found["序号|部门（文件）|情况"]}
    evaluated = {row["department"] for row in _rows(county, "summary") if row["points"]}
    assert not evaluated & {line[1] for line in found["序号|部门（文件）|情况"]}


def test_the_three_public_expenses_are_those_of_the_county(county: Path, policy: Policy) -> None:
    """Sums and rates of the three public expenses are numerators, denominators and values of county.csv."""
    rates = {row["measure"]: row for row in _rows(county, "county")}
    lines = _tables(_circular(county, policy))["项目|上年决算|比上年增减|变动率|当年预算|当年决算|控制率"]
    for line, name in zip(lines, ("three_public", "vehicles", "reception", "overseas"), strict=True):
        for at, rate in ((1, f"{name}_change_rate"), (4, f"{name}_control_rate")):
            row = rates[rate]
            if not row["numerator"]:
                assert line[at : at + 3] == ["—", "—", "—"]
                continue
            assert Decimal(line[at]) == Decimal(row["denominator"])
            assert Decimal(line[at + 1]) == Decimal(row["numerator"])
            assert abs(Decimal(line[at + 2].rstrip("%")) - Decimal(row["value"]) * 100) <= Decimal("0.005")


def test_heads_are_repeated_and_the_roster_is_not_invented(seed_run: Path, policy: Policy) -> None:
    """Every table repeats its heads on each page; a run without a roster says that nobody knows who is missing."""
    made = _circular(seed_run, policy)
    assert made.tables
    for table in made.tables:
        assert "w:tblHeader" in table.rows[0]._tr.xml  # noqa: SLF001 - python-docx has no name for it
    assert "没有部门名册，应报、未报部门数不详" in _text(made)
    assert "全县应报部门" not in _text(made)
    assert "“较差”1个" in _text(made)
    assert "较差（暂定）" in _tables(made)["名次|部门|得分|等级|自评|错误"][0]


# ---------------------------------------------------------------------- one department


def test_the_report_of_the_seed_says_what_its_own_said(seed_run: Path, policy: Policy) -> None:
    """Sums, structure, changes and points are those of the return, worked by hand; blanks are 未填报 and never 0."""
    name, content = write_self_report(seed_run, f"“{OFFICE}”", policy, templates.self_report_template())
    made = _opened(content)
    text, found = _text(made), _tables(made)
    assert name == OFFICE
    for told in (
        "编制数42人，年末实际在职40人，在职人员控制率95.24%",  # 40/42 = 0.95238
        "全年预算数999.38万元，其中：一般公共预算拨款629.82万元，政府性基金拨款未填报，纳入管理的非税收入拨款未填报",
        "预算执行率96.20%",  # 961.44/999.38 = 0.962036
        "年末结转结余（全年预算数减全年执行数）37.94万元",  # 999.38 − 961.44
        "部门基本支出决算比上年减少158.39万元，下降21.91%",  # 564.62 − 723.01; 158.39/723.01 = 0.219070
        "“三公”经费决算数2.85万元，比上年减少2.07万元，下降42.07%",  # 2.85 − 4.92; 2.07/4.92 = 0.420732
        "出国（境）经费未填报，比上年增减无法计算",
        "自评总得分91.00分，按分数为“优秀”；经核算得76.02分，等级为“较差”（暂定，尚有10.00分待复核认定",
    ):
        assert told in text
    assert found["项目|金额（万元）|占总收入"] == [
        ["一般公共预算拨款", "629.82", "63.02%"],  # 629.82/999.38 = 0.630211
        ["政府性基金拨款", "未填报", "—"],
        ["纳入管理的非税收入拨款", "未填报", "—"],
        ["年初结转结余", "214.58", "21.47%"],  # 0.214713
        ["其他收入", "154.98", "15.51%"],  # 0.155076
    ]
    assert found["项目|当年预算数|当年决算数|上年决算数|变动率|控制率"] == [
        ["三公经费", "1.08", "2.85", "4.92", "-42.07%", "263.89%"],
        ["公务用车", "2.31", "1.36", "2.31", "-41.13%", "58.87%"],
        ["公务接待", "8.46", "1.49", "2.61", "-42.91%", "17.61%"],
        ["出国（境）", "未填报", "未填报", "未填报", "—", "—"],
    ]
    assert found["指标|分值|自评得分|核算得分|未填报分值|待定分值"] == [
        ["预算执行率", "10.00", "8.00", "9.62", "0.00", "0.00"],
        ["产出指标", "50.00", "46.00", "38.40", "10.00", "0.00"],
        ["效益指标", "30.00", "28.00", "28.00", "0.00", "0.00"],
        ["满意度指标", "10.00", "9.00", "0.00", "0.00", "10.00"],
        ["合计", "100.00", "91.00", "76.02", "10.00", "10.00"],
    ]
    indicators = found["序号|三级指标|年度指标值|实际完成值|完成情况|分值|得分"]
    assert indicators[6] == ["7", "解决企业实际困难", "不低于5家", "3", "部分完成", "3.3333", "2.00"]  # 50/15 × 3/5
    assert indicators[7][3:] == ["未填报", "未填报", "3.3333", "0.00"]
    assert len(indicators) == 26


@pytest.mark.slow
def test_every_department_of_a_county_has_a_report_with_its_own_points(county: Path, policy: Policy) -> None:
    """The total line of each report has the points of summary.csv, and a department that sent nothing has none."""
    for row in _rows(county, "summary"):
        if not row["points"]:
            continue
        _, content = write_self_report(county, row["department"], policy, templates.self_report_template())
        found = _tables(_opened(content))
        total = next(lines for heads, lines in found.items() if heads.startswith("指标|"))[-1]
        assert Decimal(total[3]) == Decimal(row["points"])


def test_names_of_placeholders_are_each_of_one_thing() -> None:
    """No two fields, measures or sentences answer to the same name."""
    names = [asked.label for asked in FIELDS.values()] + [each.label for each in MEASURES]
    names += ["部门", "年度", "文号", "年末结转结余", "结论"]
    names += [f"{label}变动" for label in ("三公经费", "公务用车", "公务接待", "出国（境）", "基本支出", "项目支出")]
    twice = [name for name, count in Counter(map(normalise_label, names)).items() if count > 1]
    assert twice == ["年度"]  # the year of the evaluation and the field 年度, which evaluation holds to it


# ---------------------------------------------------------------------- templates


def _template(*texts: str) -> bytes:
    made = begin_document("模板")
    for text in texts:
        made.add_paragraph(text)
    return worded.saved(made)


def test_an_office_changes_the_template(county: Path, policy: Policy, tmp_path: Path) -> None:
    """A placeholder is filled in wherever it stands, over several runs too, and keeps the looks of its first letter."""
    made = begin_document("模板")
    paragraph = made.add_paragraph("本县")
    paragraph.add_run("{{年").bold = True
    paragraph.add_run("度")
    paragraph.add_run("}}年，{{ 已评价部门数 }}个部门。")
    made.add_table(1, 1).cell(0, 0).text = "{{文号}}"
    made.sections[0].header.paragraphs[0].text = "{{年度}}"
    path = tmp_path / "模板.docx"
    path.write_bytes(worded.saved(made))
    output = county.parent
    assert main(["report", "-o", str(output), "--template", str(path)]) == 0
    filled_in = docx.Document(str(county / "通报" / "全县通报.docx"))
    count = sum(bool(row["points"]) for row in _rows(county, "summary"))
    assert filled_in.paragraphs[0].text == f"本县2021年，{count}个部门。"
    assert [pipeline_evaluate.text for pipeline_evaluate in filled_in.paragraphs[0].runs if pipeline_evaluate.bold] == [
        "2021"
    ]
    assert filled_in.tables[0].cell(0, 0).text == policy.circular
    assert filled_in.sections[0].header.paragraphs[0].text == "2021"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("共{{部门总数}}个", "没有“{{部门总数}}”这个占位符"),
        ("共{{已评价部门个数}}个", "相近的有：已评价部门数"),
        ("见{{表：排名}}。", "表的占位符要单独成为一段"),
        ("共{{年度个", "没有写完整"),
    ],
)
def test_a_template_with_a_mistake_is_wrong_usage(
    county: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, told: str
) -> None:
    """An unknown, misplaced or unfinished placeholder is named, nothing is written, and the status is 2."""
    path = tmp_path / "模板.docx"
    path.write_bytes(_template(text))
    before = sorted(county.rglob("*"))
    assert main(["report", "-o", str(county.parent), "--template", str(path)]) == 2
    assert told in capsys.readouterr().err
    assert sorted(county.rglob("*")) == before


def test_texts_of_departments_are_only_texts() -> None:
    """Markup, a formula and a placeholder in a value stand in the document as they are."""
    table = DocumentTable(("部门",), ((ODD,),), (False,))
    made = _opened(
        fill_template(_template("{{部门}}", "{{表：甲}}"), {"部门": ODD, "年度": "2021"}, {"甲": table}, "x")
    )
    assert made.paragraphs[0].text == ODD
    assert made.tables[0].cell(1, 0).text == ODD


def test_a_text_of_several_lines_is_several_paragraphs_and_an_empty_table_a_sentence() -> None:
    """A placeholder alone in a paragraph makes it once a line; a table without lines says so."""
    template = _template("{{甲}}", "{{表：乙}}")
    made = _opened(
        fill_template(template, {"甲": "一\n二"}, {"乙": DocumentTable(("头",), (), (False,), "没有。")}, "x")
    )
    assert [paragraph.text for paragraph in made.paragraphs] == ["一", "二", "没有。"]


def test_the_templates_handed_out_are_those_of_the_program(tmp_path: Path) -> None:
    """The documents in input_templates/ are what `jixiao templates` writes, to the byte."""
    assert main(["templates", "-o", str(tmp_path)]) == 0
    for name in (templates.CIRCULAR, templates.SELF_REPORT):
        assert (filed.ROOT / "input_templates" / name).read_bytes() == (tmp_path / name).read_bytes()


def test_the_same_results_give_the_same_bytes(seed_run: Path, policy: Policy) -> None:
    """A circular and a report are the same to the byte each time they are written."""
    model = templates.circular_template()
    assert write_circular(seed_run, policy, model) == write_circular(seed_run, policy, model)
    report = [write_self_report(seed_run, OFFICE, policy, templates.self_report_template()) for _ in range(2)]
    assert report[0] == report[1]


def test_values_are_for_any_template(seed_run: Path, policy: Policy) -> None:
    """Fields and measures that the template handed out does not use are there for one that does."""
    mine = {name: _rows(seed_run, name) for name in ("summary", "scores", "indicators", "facts", "measures")}
    found = placeholder_texts(mine, policy)
    assert found["厉行节约保障措施"].startswith("1、节约用水")
    assert found["部门项目支出·上年决算数"] == "1055.37万元"
    assert found["人均公用经费"] == "2.4278万元/人"  # 97.11/40 = 2.42775
    assert set(placeholder_tables(mine, policy)) == {"收入结构", "支出结构", "三公经费", "得分", "指标"}


def test_the_page_for_the_office_names_placeholders_that_there_are(seed_run: Path, policy: Policy) -> None:
    """Every placeholder of docs/word.zh-CN.md is filled in, those of the circular and those of a report."""
    page = (filed.ROOT / "docs" / "word.zh-CN.md").read_text(encoding="utf-8")
    _, ours = page.split("通报的占位符：")
    county, department = (re.findall(r"\{\{.+?\}\}", part) for part in ours.split("自评报告的占位符："))
    assert len(county) == 21  # ten figures, three sentences, eight tables
    assert "{{" not in _text(_opened(write_circular(seed_run, policy, _template(*county))))
    assert "{{" not in _text(_opened(write_self_report(seed_run, OFFICE, policy, _template(*department))[1]))


def test_the_first_page_of_the_circular_is_for_the_leader(seed_run: Path, policy: Policy) -> None:
    """Its first tables say the five key figures and what needs a decision; the circular begins a page of its own."""
    made = _opened(write_circular(seed_run, policy, templates.circular_template()))
    figures, matters = ([[cell.text for cell in row.cells] for row in table.rows] for table in made.tables[:2])
    assert figures[2] == ["平均核算得分", "76.02", "自评平均 91.00 ▼14.98；上年没有数据"]
    assert [row[0] for row in matters[1:]] == ["等级待定", "自评偏高"]  # 10 points unjudged; 91.00 for 76.02
    (title,) = [each for each in made.paragraphs if each.text.startswith("关于")]
    assert title.paragraph_format.page_break_before


def test_an_evaluation_leaves_the_documents_alone(seed_run: Path, policy: Policy) -> None:
    """Evaluating again, into the same folder, keeps what lies below 通报."""
    path = seed_run / "通报" / "会议纪要.docx"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    pipeline_evaluate.evaluate(seed_run.parent.parent / "inbox", seed_run.parent, policy)
    assert path.read_bytes() == b"x"
    path.unlink()


# ---------------------------------------------------------------------- the command


def test_statuses(seed_run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """No results, or no such department: 1; no such template, or none that can be used: 2."""
    output = str(seed_run.parent)
    assert main(["report", "-o", str(tmp_path)]) == 1
    assert "请先运行 make evaluate" in capsys.readouterr().err
    assert main(["report", "科技局", "-o", output]) == 1
    assert OFFICE in capsys.readouterr().err
    assert main(["report", "-o", output, "--template", str(tmp_path / "x.docx")]) == 2
    (tmp_path / "x.doc").write_bytes(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600)
    assert main(["report", "-o", output, "--template", str(tmp_path / "x.doc")]) == 2
    assert "另存为 .docx" in capsys.readouterr().err


def test_data_that_was_changed_by_hand_is_refused(seed_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A word where a number was is no figure: nothing is written, and the status is 1."""
    path = seed_run / "data" / "summary.csv"
    kept = path.read_bytes()
    path.write_bytes(kept.replace(b"76.02", b"many"))
    try:
        assert main(["report", "-o", str(seed_run.parent)]) == 1
    finally:
        path.write_bytes(kept)
    assert "make evaluate" in capsys.readouterr().err


def test_what_was_written_by_hand_is_kept(seed_run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A circular that somebody went on writing is renamed and not lost; one that is the same is left alone."""
    path = seed_run / "通报" / "全县通报.docx"
    assert main(["report", "-o", str(seed_run.parent)]) == 0
    path.write_bytes(b"changed by hand")
    assert main(["report", "-o", str(seed_run.parent)]) == 0
    assert (seed_run / "通报" / "全县通报（旧1）.docx").read_bytes() == b"changed by hand"
    assert "全县通报（旧1）.docx" in capsys.readouterr().out
    assert main(["report", OFFICE, "-o", str(seed_run.parent)]) == 0
    assert sorted(each.name for each in (seed_run / "通报").rglob("*.docx")) == sorted(
        ["全县通报.docx", "全县通报（旧1）.docx", f"{OFFICE}.docx"]
    )


def test_results_of_another_policy_are_refused(seed_run: Path, policy: Policy) -> None:
    """Results that were made before the policy was changed are not told with the new one's words."""
    record = seed_run / "run.json"
    kept = record.read_bytes()
    said = json.loads(kept)
    said["policy"]["sha256"] = "0" * 64
    record.write_bytes(seal({name: value for name, value in said.items() if name != SEAL}))
    try:
        with pytest.raises(ValueError, match="另一份政策文件"):
            write_circular(seed_run, policy, templates.circular_template())
    finally:
        record.write_bytes(kept)


def test_an_unknown_placeholder_is_refused_before_anything_else() -> None:
    """All mistakes of a template are told at once."""
    with pytest.raises(TemplateError, match=r"(?s)甲.*乙"):
        fill_template(_template("{{甲}}", "{{乙}}"), {}, {}, "x")


@needs_office
@pytest.mark.slow
def test_an_office_program_opens_both(county: Path, policy: Policy, tmp_path: Path) -> None:
    """LibreOffice turns the circular and a report into pages."""
    name = next(row["department"] for row in _rows(county, "summary") if row["points"])
    _, report = write_self_report(county, name, policy, templates.self_report_template())
    for kind, content in (
        ("circular", write_circular(county, policy, templates.circular_template())),
        ("report", report),
    ):
        path = tmp_path / f"{kind}.docx"
        path.write_bytes(content)
        assert converted(path, "pdf", tmp_path).read_bytes().startswith(b"%PDF")
