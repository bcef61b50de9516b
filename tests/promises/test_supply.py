"""What is installed is what was locked."""

from __future__ import annotations

import re
import tomllib

import pytest

from tests.support import filed

LOCKS = ("requirements.lock", "requirements-dev.lock")


def lines(name: str) -> list[str]:
    """Give the lines of a lock, those that are continued as one, without comments."""
    text = (filed.ROOT / name).read_text(encoding="utf-8").replace("\\\n", " ")
    return [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]


@pytest.mark.parametrize("name", LOCKS)
def test_every_line_has_its_hashes(name: str) -> None:
    """What is installed is what was locked: each line of the locks is a version with hashes, and no address."""
    found = lines(name)
    assert len(found) > 20
    for line in found:
        assert re.fullmatch(r"[a-z0-9-]+==[0-9][\w.+!-]*( ; [^#@]*?)?( +--hash=sha256:[0-9a-f]{64})+ *", line), line
    assert not re.search("://|file:|@ |index", "".join(found))


def test_everything_asked_for_is_locked() -> None:
    """What is installed is what was locked: each dependency of the project is in the lock that its users install."""
    project = tomllib.loads((filed.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    locked = {line.partition("==")[0] for line in lines("requirements.lock")}
    asked = {re.split(r"[\[>=]", each)[0] for each in project["project"]["dependencies"]}
    assert asked | {"setuptools"} <= locked
    assert locked <= {line.partition("==")[0] for line in lines("requirements-dev.lock")}


def test_make_installs_by_hash_only() -> None:
    """What is installed is what was locked: make installs with hashes required, the project itself without an index."""
    text = (filed.ROOT / "Makefile").read_text(encoding="utf-8")
    installs = [line for line in text.splitlines() if "pip install" in line]
    assert len(installs) == 5  # the environment, and one for another interpreter: what runs, what tests, the project
    assert all("--require-hashes -r" in line or "--no-index --no-deps" in line for line in installs)


RUN_AS_TOOLS = {
    "import-linter",
    "mypy",
    "pandas-stubs",
    "pytest",
    "pytest-cov",
    "pytest-xdist",
    "ruff",
    "setuptools",
    "types-lxml",
    "uv",
}
"""What is run by its name, or holds types only."""
IMPORTED_AS = {"python-calamine": "python_calamine", "python-docx": "docx"}


def test_every_dependency_serves() -> None:
    """Each dependency of the project, of its extras and of its tests is imported somewhere, or run as a tool."""
    project = tomllib.loads((filed.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lists = [project["project"]["dependencies"], *project["project"]["optional-dependencies"].values()]
    asked = {re.split(r"[\[>=]", each)[0] for several in lists for each in several}
    asked |= {re.split(r"[\[>=]", each)[0] for each in project["dependency-groups"]["dev"] if isinstance(each, str)}
    folders = ("pipeline", "schemas", "bundle", "benchmarks", "tests")
    source = "\n".join(
        path.read_text(encoding="utf-8") for folder in folders for path in (filed.ROOT / folder).rglob("*.py")
    )
    imported = set(re.findall(r"^ *(?:from|import) (\w+)", source, re.MULTILINE))
    imported |= set(re.findall(r"import_module\(\"(\w+)\"", source))
    names = {IMPORTED_AS.get(each, each.replace("-", "_")) for each in asked - RUN_AS_TOOLS}
    assert len(names) > 15
    assert names - imported == set()
