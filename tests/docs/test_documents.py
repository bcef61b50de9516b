"""The pages for people, held to the program: modules, commands, links, pictures, and what the program says."""

from __future__ import annotations

import re
import shlex
import struct
import subprocess
from typing import TYPE_CHECKING

import pytest

from pipeline.__main__ import main, parsers
from pipeline.pages import accepted_spellings, glossary, rules, schemas
from pipeline.pages import commands as page_commands
from tests.support import filed

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ROOT = filed.ROOT
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
ARCHITECTURE = ROOT / "docs" / "architecture.md"
MANUAL = ROOT / "docs" / "manual.zh-CN.md"
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
FENCE = "```"


def _named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def _rooms() -> set[str]:
    """Give the modules of pipeline/ as the page names them: a package with a slash behind it."""
    inside = ROOT / "pipeline"
    packages = {f"{path.parent.name}/" for path in inside.glob("*/__init__.py")}
    return packages | {path.stem for path in inside.glob("*.py")} - {"__init__"}


def _table() -> set[str]:
    """Give the modules in the table of packages."""
    page = ARCHITECTURE.read_text(encoding="utf-8")
    rows = page.partition("## The packages of pipeline/")[2].partition("\n## ")[0].splitlines()
    return {name for row in rows if row.startswith("|") for name in re.findall(r"`(.+?)`", row)}


def test_the_table_of_packages_is_the_code() -> None:
    """Every module and package of pipeline/ stands in the table of docs/architecture.md, and nothing else does."""
    assert _table() == _rooms()


def test_every_path_in_the_architecture_is_there() -> None:
    """Each file and folder that docs/architecture.md names in backticks, as pipeline/evaluate.py, exists."""
    named = re.findall(r"`((?:pipeline|schemas|bundle|benchmarks)/[\w./]*)`", ARCHITECTURE.read_text(encoding="utf-8"))
    assert len(set(named)) > 10
    assert [name for name in named if not (ROOT / name).exists()] == []


def test_the_diagram_names_packages() -> None:
    """Each box of the diagram in docs/architecture.md is a package or a module of pipeline/."""
    diagram = ARCHITECTURE.read_text(encoding="utf-8").split(FENCE)[1]
    boxes = set(re.findall(r"\[\"([a-z_]+/?)<br>", diagram))
    assert len(boxes) >= 9
    assert boxes <= _rooms()


@pytest.mark.parametrize("page", PAGES, ids=_named)
def test_links_lead_somewhere(page: Path) -> None:
    """Each link to a file of the project, and to a heading of a page, leads to one that is there."""
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if target.startswith("https://"):
            continue
        name, _, heading = target.partition("#")
        path = page if not name else page.parent / name
        assert path.exists(), target
        if heading:
            assert heading in set(_anchors(path)), target


def _anchors(path: Path) -> Iterator[str]:
    """Give the anchors that a page's headings have on the web: small letters, blanks as hyphens, no punctuation."""
    for heading in re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE):
        yield re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def _typed() -> Iterator[tuple[str, str]]:
    """Give every command in a block of a page: the page, and the line as typed."""
    for page in PAGES:
        if page == page_commands.PAGE:  # made from the parsers themselves
            continue
        for block in page.read_text(encoding="utf-8").split(FENCE)[1::2]:
            for line in block.splitlines():
                if re.match(r"make [a-z]|(\.venv/bin/)?jixiao [a-z]", line):
                    yield _named(page), line


def test_commands_in_the_pages_can_be_typed() -> None:
    """Each line that begins with make or jixiao names a target of the Makefile, or is one that the command takes."""
    _, commands = parsers()
    targets = set(re.findall(r"^([a-z-]+):.*##", MAKEFILE, re.MULTILINE))
    typed = list(_typed())
    assert len(typed) > 20
    for page, line in typed:
        program, name, *rest = shlex.split(re.split(r"\s+(?:#|&&) ", line)[0])
        if program == "make":
            assert name in targets, (page, line)
        else:
            assert commands[name].parse_every(rest).command, (page, line)


TARGETS = {
    "evaluate": ("INBOX=收 件", "PRIOR=结果/2020", "ROSTER=名册.xlsx", "JOBS=2", "YEAR=2021", "LISTS=名 单"),
    "counties": ("INBOX=全 市", "OUTPUT=结果", "LISTS=名单"),
    "watch": ("POLL=1", "LISTS=名单"),
    "status": ("CALLS=名 单.xlsx", "LISTS=名单"),
    "templates": ("ROSTER=名册.xlsx", "PRIOR=结果/2020", "LISTS=名单"),
    "report": ("DEPARTMENT=县 局", "TEMPLATE=模板.docx"),
    "explain": ("DEPARTMENT=县 局", "OUTPUT=结果"),
    "check-form": ("FILE=某 局.xlsx", "YEAR=2021", "LISTS=名单"),
    "serve": ("HOST=192.168.1.5", "PORT=8001", "LISTS=名单"),
    "import": ("FILE=报 告.docx", "LISTS=名单"),
    "demo": ("COUNT=3", "SEED=1"),
}
"""The targets of the desk, each with what it may be given."""


def _made(*arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with a stand-in for Python that prints what it was given, an argument a line, and makes nothing."""
    stand_in = ("-s", "-o", ".venv/.runtime", "RUN=printf '%s\\n'")
    return subprocess.run(["make", *stand_in, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("target", TARGETS)
def test_a_target_hands_over_what_it_is_given(target: str) -> None:
    """A target of the desk calls a command with each of its variables, blanks and all, as the command takes them."""
    given = TARGETS[target]
    package, name, *rest = _made(target, *given).stdout.splitlines()
    assert package == "pipeline"
    assert {each.partition("=")[2] for each in given} - {"1"} <= {*rest}
    _, commands = parsers()
    assert commands[name].parse_every(rest).command


def test_every_command_of_the_desk_has_a_target() -> None:
    """Each command is run by a target of the Makefile, but for the two that only print what stands in the docs."""
    _, commands = parsers()
    run = set(re.findall(r"\$\(RUN\) pipeline (\w+)", MAKEFILE))
    assert set(commands) - run == {"policy", "rules", "schemas"}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("evalute", "没有命令 make evalute；执行 make 列出全部命令。"),
        ("explain", "请写明 DEPARTMENT=，例如 make explain DEPARTMENT=县水利局"),
        ("check-form", "请写明 FILE=，例如 make check-form FILE=某某局.xlsx"),
        ("import", "请写明 FILE=，例如 make import FILE=报告.docx"),
    ],
)
def test_make_says_in_chinese_what_is_missing(typed: str, told: str) -> None:
    """A target that is none, or lacks what it cannot do without, is told in Chinese, with how it is typed."""
    done = _made(typed)
    assert done.returncode == 2
    assert done.stderr.splitlines()[0] == told
    assert not done.stdout


def test_the_manual_tells_every_exit_status() -> None:
    """The table of exit statuses in docs/manual.zh-CN.md has those that the help of the program lists."""
    table = MANUAL.read_text(encoding="utf-8").partition("### 退出状态")[2].partition("\n## ")[0]
    front, _ = parsers()
    listed = front.format_help().partition("退出状态：")[2]
    assert re.findall(r"^\| (\d+) \|", table, re.MULTILINE) == re.findall(r"^  (\d+) ", listed, re.MULTILINE)
    assert "| 143 |" in table


def test_pages_that_the_program_makes_are_made_by_make_docs() -> None:
    """The pages that say that the program makes them are those that `make docs` writes and tests hold."""
    say_so = {page for page in PAGES if "本页由程序生成（make docs）" in page.read_text(encoding="utf-8")}
    made = (accepted_spellings, glossary, page_commands, rules, schemas)
    assert say_so == {each.PAGE for each in made}
    recipe = MAKEFILE.partition("\ndocs: ")[2].partition("\n\n")[0]
    assert set(re.findall(r"pipeline\.[\w.]+", recipe)) == {each.__name__ for each in made}


def test_pictures_are_small_and_shown() -> None:
    """Each picture is a PNG below 300 KB and not wider than 1600 pixels, and some page shows it."""
    pictures = sorted((ROOT / "docs" / "pictures").iterdir())
    pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    assert pictures
    for each in pictures:
        content = each.read_bytes()
        assert content.startswith(b"\x89PNG")
        assert len(content) < 300_000
        assert struct.unpack(">I", content[16:20])[0] <= 1600
        assert f"pictures/{each.name})" in pages


def test_the_readme_says_what_the_example_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """The closing message in README.md is what `make evaluate` says of the example."""
    (tmp_path / "inbox").symlink_to(ROOT / "inbox")
    monkeypatch.chdir(tmp_path)
    assert main(["evaluate"]) == 0
    said = capsys.readouterr().out
    assert f"{FENCE}\n{said}{FENCE}\n" in (ROOT / "README.md").read_text(encoding="utf-8")
