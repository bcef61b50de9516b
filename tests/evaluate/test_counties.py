"""Several counties in one run: each as it is alone, and what is above them worked by hand."""

from __future__ import annotations

import csv
import io
import os
import pickle
import re
import shutil
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest

from pipeline.__main__ import main
from pipeline.evaluate import Run, evaluate
from pipeline.evaluate_counties import evaluate_counties
from pipeline.workers.pool import WorkerPool
from tests.support import filed
from tests.support.runner import contents

if TYPE_CHECKING:
    from collections.abc import Callable
    from concurrent.futures import Future

    from schemas.policy import Policy


@pytest.fixture
def inbox(tmp_path: Path, seed: dict[str, Any], clean: dict[str, Any]) -> Path:
    """Give three counties: one with the seed, one with the return without faults, and an empty one."""
    folder = tmp_path / "全市"
    for county, name, returned in (("甲县", "科工局", seed), ("乙县", "样板局", clean)):
        (folder / county).mkdir(parents=True)
        (folder / county / f"{name}.xlsx").write_bytes(filed.workbook(returned))
    (folder / "丙县").mkdir()
    return folder


def table(folder: Path, name: str) -> list[dict[str, str]]:
    """Read a table above the counties."""
    text = (folder / "2021" / "data" / f"{name}.csv").read_bytes().decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_what_is_above_the_counties_is_as_worked_by_hand(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Posts 42 + 30, people 40 + 29: 69 / 72 = 95.83% of all; a county without a return says why, and stops nobody."""
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    told = capsys.readouterr().out
    assert "甲县：评价 1 个部门，平均 76.02 分，错误 8 处" in told
    assert "丙县：没有评价。" in told
    counties = {row["county"]: row for row in table(tmp_path / "out", "counties")}
    assert [counties[name]["mean_points"] for name in ("甲县", "乙县", "丙县")] == ["76.02", "99.26", ""]
    assert [counties[name]["evaluated"] for name in ("甲县", "乙县", "丙县")] == ["1", "1", ""]
    rates = {(row["county"], row["measure"]): row for row in table(tmp_path / "out", "rates")}
    assert float(rates["合计", "staffing_control_rate"]["value"]) == pytest.approx(69 / 72)
    assert float(rates["甲县", "staffing_control_rate"]["value"]) == pytest.approx(40 / 42)
    assert rates["合计", "staffing_control_rate"]["departments"] == "2"
    grades = {(row["county"], row["grade"]): row["departments"] for row in table(tmp_path / "out", "grades")}
    assert grades["甲县", "较差"] == "1"
    assert grades["乙县", "优秀"] == "1"


def test_the_readme_tells_every_table_above_the_counties(inbox: Path, tmp_path: Path) -> None:
    """README.md names each data file above the counties with its columns, in their order, and no other."""
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    told = re.findall(
        r"^- `(\w+\.csv)` \((.+?)\)", (filed.ROOT / "README.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    written = {
        path.name: path.read_text(encoding="utf-8-sig").splitlines()[0].replace(",", ", ")
        for path in (tmp_path / "out" / "2021" / "data").iterdir()
    }
    assert dict(told) == written


def test_a_county_among_others_is_as_it_is_alone(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Each county has the same bytes as in a run of its own, run.json apart, which tells the time."""
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    alone = evaluate(inbox / "甲县", tmp_path / "alone", policy).folder
    together = tmp_path / "out" / "甲县" / "2021"
    names = [path.relative_to(alone) for path in alone.rglob("*") if path.is_file() and path.name != "run.json"]
    assert len(names) > 10
    assert all((alone / name).read_bytes() == (together / name).read_bytes() for name in names)


class OfMachines(WorkerPool):
    """Stands for the workers of several machines, which work in this process."""

    fatal = (TimeoutError,)

    def __init__(self, change: Callable[[str], None]) -> None:
        """Work on counties after what becomes of them on the way."""
        self.change = change
        self.given: list[str] = []

    def shares(self, folder: Path) -> bool:  # noqa: ARG002
        """Have every folder."""
        return True

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Work on a county as another machine does: on a copy of all that is sent, and of what comes of it."""
        if not isinstance(args[0], Path):
            return super().submit(fn, *args, **kwargs)
        self.given.append(args[0].name)

        def work() -> Any:
            self.change(args[0].name)
            sent = pickle.loads(pickle.dumps(args))  # noqa: S301 - our own bytes
            return pickle.loads(pickle.dumps(fn(*sent, **kwargs)))  # noqa: S301 - our own bytes

        return super().submit(work)


def _late(county: str) -> None:
    if county == "甲县":
        raise TimeoutError


def _as_they_are(_: str) -> None:
    pass


@pytest.mark.parametrize("change", [_as_they_are, _late])
def test_a_county_that_is_handed_out_is_as_it_is_alone(
    change: Callable[[str], None], inbox: Path, tmp_path: Path, policy: Policy
) -> None:
    """A county has the same bytes, and the same run is told of, whoever evaluates it; one that is late is not lost."""
    pool = OfMachines(change)
    handed = evaluate_counties(inbox, tmp_path / "handed", policy, pool)
    here = evaluate_counties(inbox, tmp_path / "here", policy)
    assert pool.given == ["丙县", "乙县", "甲县"]
    for name in ("甲县", "乙县"):
        one, other = handed.counties[name], here.counties[name]
        assert isinstance(one, Run)
        assert isinstance(other, Run)
        assert one.folder == tmp_path / "handed" / name / "2021"
        assert contents(one.folder) == contents(other.folder)
        assert (one.returned, one.unwritten) == (other.returned, other.unwritten)
    assert str(handed.counties["丙县"]) == str(here.counties["丙县"])
    assert contents(tmp_path / "handed" / "2021") == contents(tmp_path / "here" / "2021")


def test_a_worker_that_finds_other_files_evaluates_nothing(inbox: Path, tmp_path: Path, policy: Policy) -> None:
    """Where a machine has an older copy of a county's folder, what lies in the folder itself is evaluated."""
    returned = inbox / "甲县" / "科工局.xlsx"
    now = returned.read_bytes()

    def older(county: str) -> None:
        if county == "甲县":
            returned.write_bytes((inbox / "乙县" / "样板局.xlsx").read_bytes())

    def again(stage: str, _: int) -> Callable[[], None]:
        if stage.startswith("甲县"):
            returned.write_bytes(now)
        return lambda: None

    done = evaluate_counties(inbox, tmp_path / "out", policy, OfMachines(older), again)
    run = done.counties["甲县"]
    assert isinstance(run, Run)
    assert run.county_tables.summary["points"].tolist() == [76.02]


def test_the_workbook_above_leads_to_each_county(inbox: Path, tmp_path: Path) -> None:
    """各县汇总.xlsx has a line a county, whose name is a link to the county's own workbook, which is there."""
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    path = tmp_path / "out" / "2021" / "各县汇总.xlsx"
    assert openpyxl.load_workbook(path).sheetnames == ["各县情况", "等级分布", "整体指标"]
    with zipfile.ZipFile(path) as package:
        links = package.read("xl/worksheets/_rels/sheet1.xml.rels").decode()
    assert "../甲县/2021/全县汇总.xlsx" in links.replace("\\", "/")
    assert "丙县" not in links  # of which there is none
    assert (path.parent / "../甲县/2021/全县汇总.xlsx").is_file()


def test_folders_that_are_no_counties_are_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Without folders, or with one called as a year is, nothing is evaluated and the message says what to do."""
    (tmp_path / "inbox").mkdir()
    arguments = ["evaluate", str(tmp_path / "inbox"), "-o", str(tmp_path / "out"), "--counties"]
    assert main(arguments) == 2
    assert "每个县（市、区）一个文件夹" in capsys.readouterr().err
    (tmp_path / "inbox" / "2021").mkdir()
    assert main(arguments) == 2
    assert "2021；请改成县名" in capsys.readouterr().err


def test_last_years_results_are_those_of_the_counties(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Last year's results given as for one county, where no county has any, are told and not passed over."""
    arguments = ["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]
    (tmp_path / "last" / "2020" / "data").mkdir(parents=True)
    assert main([*arguments, "--prior", str(tmp_path / "last" / "2020")]) == 2
    told = capsys.readouterr().err
    assert f"{tmp_path / 'last' / '2020'} 里没有各县2020年度的结果；请指定上年的结果夹，里面是 县名/2020。" in told
    assert not (tmp_path / "out").exists()
    (tmp_path / "last" / "乙县" / "2020").mkdir(parents=True)
    assert main([*arguments, "--prior", str(tmp_path / "last")]) == 2
    told = capsys.readouterr().out
    assert re.search("乙县：这次的结果没有写成，这个县上次的结果没有改动。.*乙县/2020 里没有 run.json", told)
    assert "甲县：评价 1 个部门" in told


def _open(folder: Path) -> None:
    (folder / "out" / "甲县" / "2021" / "~$全县汇总.xlsx").write_bytes(b"owner")


def _broken_list(folder: Path) -> None:
    (folder / "全市" / "甲县" / "部门名册.xlsx").write_bytes(b"no workbook")


def _in_the_way(folder: Path) -> None:
    shutil.rmtree(folder / "out" / "甲县")
    (folder / "out" / "甲县").write_text("a file", encoding="utf-8")


@pytest.mark.parametrize(
    ("stop", "status", "why"),
    [
        (_open, 4, "正在 WPS 或 Excel 中打开（~$全县汇总.xlsx）"),
        (_broken_list, 2, "部门名册 部门名册.xlsx："),
        (_in_the_way, 4, "不能读写"),
    ],
)
def test_what_stops_one_county_stops_no_other(
    stop: Callable[[Path], None],
    status: int,
    why: str,
    inbox: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """One bad file never stops the others: an open workbook, list or folder stops its own county, which is named."""
    arguments = ["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]
    assert main(arguments) == 0
    stop(tmp_path)
    shutil.rmtree(tmp_path / "out" / "乙县")
    capsys.readouterr()
    assert main(arguments) == status
    told = capsys.readouterr()
    (line,) = (line for line in told.out.splitlines() if "上次的结果没有改动" in line)
    assert line.startswith("甲县：这次的结果没有写成，这个县上次的结果没有改动。")
    assert why in line
    assert "乙县：评价 1 个部门" in told.out
    assert (tmp_path / "out" / "乙县" / "2021" / "run.json").is_file()
    counties = {row["county"]: row for row in table(tmp_path / "out", "counties")}
    assert why in counties["甲县"]["reason"]
    assert counties["乙县"]["mean_points"] == "99.26"


def test_when_the_table_above_is_open_the_counties_are_told(
    inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where only what is above the counties cannot be written, the message does not say that of their own results."""
    arguments = ["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]
    assert main(arguments) == 0
    (tmp_path / "out" / "2021" / "~$各县汇总.xlsx").write_bytes(b"owner")
    capsys.readouterr()
    assert main(arguments) == 4
    told = capsys.readouterr().out
    assert "乙县：评价 1 个部门" in told
    assert "各县汇总没有写成，上次的各县汇总没有改动；各县自己的结果如上。" in told
    assert "各县汇总　" not in told


def test_what_lies_beside_the_counties_is_told(inbox: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """One bad file never stops the others: files and links beside the counties' folders are told."""
    shutil.copy(inbox / "甲县" / "科工局.xlsx", inbox / "某局.xlsx")
    (inbox / "部门名册.XLSX").write_bytes(b"a list")
    (inbox / "丁县").symlink_to("没有的县")
    (inbox / "一县").symlink_to("乙县")
    (inbox / "全部").symlink_to(inbox)
    (inbox / ".DS_Store").write_bytes(b"")
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    told = [line for line in capsys.readouterr().out.splitlines() if line.startswith("没有评价：")]
    assert told == [
        "没有评价：一县 与 乙县 是同一个文件夹，或一个在另一个里面，只评价后者；请删去多余的链接",
        "没有评价：丁县 是打不开的链接，指向 没有的县；请修好或删去",
        "没有评价：全部 是链接，指向收件夹本身；请删去",
        "没有评价：某局.xlsx 放在各县文件夹的外面，没有评价；请移到所属县的文件夹里",
        "没有评价：部门名册.XLSX 是部门名册，放在各县文件夹的外面，没有采用；请放进所属县的文件夹",
    ]
    assert [row["county"] for row in table(tmp_path / "out", "counties")] == ["丙县", "乙县", "甲县"]


@pytest.mark.skipif(os.name == "nt", reason="no such name can be made there")
def test_the_name_of_a_county_is_only_text(
    inbox: Path, tmp_path: Path, clean: dict[str, Any], capsys: pytest.CaptureFixture[str]
) -> None:
    """The name of a county's folder makes no line of its own and steers no terminal, whether it is evaluated or not."""
    for number, what in enumerate((filed.workbook(clean), b"no workbook")):
        odd = inbox / f"丁{number}\x1b[31m红\n第二行\u202e县"
        odd.mkdir()
        (odd / "甲局.xlsx").write_bytes(what)
    (inbox / "戊\x1b[31m\n第二行").symlink_to("没有的县")
    assert main(["evaluate", str(inbox), "-o", str(tmp_path / "out"), "--counties"]) == 0
    told = capsys.readouterr()
    assert "丁0\\x1b[31m红\\n第二行\\u202e县：评价 1 个部门" in told.out
    for text in (told.out, told.err):
        assert not any(odd in text for odd in ("\x1b", "\u202e", "\n第二行"))
