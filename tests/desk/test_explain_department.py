"""`jixiao explain` and `jixiao policy`: how points came about, and by what, on one page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from pipeline.__main__ import main
from schemas import policy as policies
from tests.support import filed

if TYPE_CHECKING:
    from pathlib import Path

OFFICE = "衡阳县科技和工业信息化局"


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory, seed: dict[str, Any], clean: dict[str, Any]) -> Path:
    """Give the results of a run over the real return and one whose words try to steer a terminal."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "inbox").mkdir()
    rows = {"1": {"level3": "培训\x1b[31m人次\n第二行"}}
    office = filed.changed(clean, {"rows": rows}, "示例县样板局")
    for name, each in {"科工局": seed, "样板局": office}.items():
        content = filed.workbook(each)
        (folder / "inbox" / f"{name}.xlsx").write_bytes(content)
    assert main(["evaluate", str(folder / "inbox"), "-o", str(folder / "out")]) == 0
    return folder / "out"


def told(output: Path, department: str, capsys: pytest.CaptureFixture[str]) -> list[str]:
    """Give what `jixiao explain` prints."""
    capsys.readouterr()
    assert main(["explain", department, "-o", str(output)]) == 0
    return capsys.readouterr().out.splitlines()


def test_every_point_of_the_real_return_is_explained(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The page has the verdict, the figures of execution with their cells, each row's share, and each finding."""
    lines = told(output, OFFICE, capsys)
    text = "\n".join(lines)
    assert "核算 76.02 分，较差（暂定）；自评 91.00 分，优秀；排名第 2" in text
    assert "【预算执行率】9.62 / 10.00（自评 8.00）" in lines
    executed = "全年执行数 961.44（附件1-2 自评表 E6） ÷ 全年预算数 999.38（附件1-2 自评表 D6）"
    assert f"  分值 10.00 × {executed}" in lines
    assert "【产出指标】38.40 / 50.00（自评 46.00，未填报分值 10.00）" in lines
    seventh = lines.index("  7. 解决企业实际困难（附件1-2 自评表 D22）")
    assert lines[seventh + 1] == "     目标“不低于5家”，实际“3”"
    assert "     目标“不低于8个”，实际（空白）" in lines
    assert "完成率60.00%，按比例得分" in lines[seventh + 2]
    assert "【满意度指标】0.00 / 10.00（自评 9.00，待定分值 10.00）" in lines
    assert sum(line.startswith("  [错误]") for line in lines) == 8
    assert "复核：待复核 10 项。" in lines


def test_a_part_without_indicators_is_told(
    tmp_path: Path, seed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Under a part of the form without an indicator stands that there is none."""
    filed_empty = filed.changed(seed, {"drop": range(1, 27)}, "空白局")
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "空.xlsx").write_bytes(filed.workbook(filed_empty))
    assert main(["evaluate", str(tmp_path / "inbox"), "-o", str(tmp_path / "out")]) == 0
    assert told(tmp_path / "out", "空白局", capsys).count("  没有填写任何指标") == 3  # 产出、效益、满意度


def test_spaces_in_a_name_do_not_matter(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """衡阳县 科技和工业信息化局 is found."""
    assert told(output, "衡阳县 科技和工业信息化局", capsys)[0].startswith(OFFICE)


def test_words_of_a_department_never_steer_the_terminal(output: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Escapes and line breaks in filed words are shown as blanks."""
    lines = told(output, "示例县样板局", capsys)
    assert not any("\x1b" in line for line in lines)
    assert any("人次 第二行" in line for line in lines)


@pytest.mark.parametrize(
    ("name", "near"), [("科工局", OFFICE), ("示例县样版局", "示例县样板局"), ("xyz", "请核对部门全称")]
)
def test_an_unknown_department_is_told_the_nearest(
    output: Path, name: str, near: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """A name that is not there gives status 1 and names that are near it; none is taken for it."""
    assert main(["explain", name, "-o", str(output)]) == 1
    assert near in capsys.readouterr().err


def test_without_results_there_is_nothing_to_explain(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Where nothing was evaluated yet, the way to do so is told."""
    assert main(["explain", OFFICE, "-o", str(tmp_path)]) == 1
    assert "请先运行 make evaluate" in capsys.readouterr().err


def test_the_policy_is_told_with_its_sources(capsys: pytest.CaptureFixture[str]) -> None:
    """Weights, grades and limits are printed, each with its source."""
    assert main(["policy"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "分值：产出指标：50分（附件1-2说明第1条；财预〔2020〕10号）" in lines
    assert "提醒：远超目标：完成率达到 150%（本程序自定；财预〔2020〕10号要求说明原因，未定比例）" in lines


def test_every_number_of_the_policy_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Each source that stands in the policy file is printed with what it is the source of."""
    assert main(["policy"]) == 0
    text = capsys.readouterr().out
    written = policies.load(2021).model_dump()

    def sources(part: Any) -> list[str]:
        if isinstance(part, dict):
            own = [value for key, value in part.items() if key.endswith("source") and value]
            return own + [found for value in part.values() for found in sources(value)]
        return [found for each in part for found in sources(each)] if isinstance(part, (list, tuple)) else []

    assert [source for source in sources(written) if source not in text] == []


def test_a_good_policy_passes_the_check(capsys: pytest.CaptureFixture[str]) -> None:
    """`jixiao policy --check` says so, also of the policy that still holds; a year before the first is wrong usage."""
    assert main(["policy", "--check"]) == 0
    assert capsys.readouterr().out == "政策文件 2021.toml 没有错误。\n"
    assert main(["policy", "--check", "--year", "2050"]) == 0
    assert capsys.readouterr().out == "政策文件 2021.toml 没有错误。\n"
    assert main(["policy", "--check", "--year", "2019"]) == 2
    assert "没有2019年度的政策文件" in capsys.readouterr().err


def test_a_policy_with_mistakes_is_told_them_all(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A weight that breaks the sum and an unknown rule are each told."""
    text = (policies.POLICIES / "2021.toml").read_text(encoding="utf-8")
    monkeypatch.setattr(policies.load, "__defaults__", (tmp_path,))
    (tmp_path / "2021.toml").write_text(text.replace("weight = 50", "weight = 51"), encoding="utf-8")
    assert main(["policy", "--check"]) == 2
    assert "各部分分值之和为101，应为100" in capsys.readouterr().err
    more = '\n[[severities]]\nrule = "nonsense"\nseverity = "info"\nreason = "无"\n'
    (tmp_path / "2021.toml").write_text(text + more, encoding="utf-8")
    assert main(["policy", "--check"]) == 2
    assert "nonsense" in capsys.readouterr().err


def test_the_words_that_decided_are_told(
    tmp_path: Path, seed: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """Each row says how its words were read, what stood for a missing one, and which word made a band."""
    rows = {
        "1": {"target": "上限37家", "actual": "37家"},
        "2": {"target": "上浮2.2%"},
        "3": {"level3": "群众投诉率", "target": "2%", "actual": "1%"},
        "13": {"actual": "基本完成"},
    }
    (tmp_path / "inbox").mkdir()
    (tmp_path / "inbox" / "甲.xlsx").write_bytes(filed.workbook(filed.changed(seed, {"rows": rows}, "甲局")))
    assert main(["evaluate", str(tmp_path / "inbox"), "-o", str(tmp_path / "out")]) == 0
    lines = [line.strip() for line in told(tmp_path / "out", "甲局", capsys)]
    assert "目标读作：上限〔比较词：不高于〕37家；实际读作：37家" in lines
    assert "目标读作：文字，其中“上浮”不能确定；实际读作：2.27%" in lines
    assert "目标读作：2%；实际读作：1%；目标没有比较词，按“不高于”比较：按指标名称的含义，越少越好" in lines
    assert "用语：“基本”，属于部分达成" in lines
    assert any(line.startswith("目标是文字，实际是数（其中“上浮”不能确定）") for line in lines)
