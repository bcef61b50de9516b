"""``python -m bundle``: make the bundle for offices without internet; making it needs a network."""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

from bundle.target import PLATFORMS, PYTHONS, Target, needed_entries

HERE = Path(__file__).parent
ROOT = HERE.parent
LOCK = "requirements.lock"
PROGRAM = "program"
FILES = {"start.bat": "评价.bat", "start.sh": "评价.sh", "read-me.txt": "先读我.txt"}
"""The files in the top folder: name in this folder → name in the bundle."""
_FOR_WINDOWS = (".bat", ".txt")
_LONG_AGO = "946684800"
"""The date inside the project's wheel, 2000-01-01, so that the same source gives the same bytes."""


class UnavailableError(Exception):
    """Libraries could not be downloaded; the message is in Chinese."""


def main() -> int:
    """Make the bundle that the command line asks for; give the exit status."""
    parser = argparse.ArgumentParser(prog="python -m bundle", description="制作离线安装包")
    parser.add_argument("--platform", nargs="+", choices=PLATFORMS, default=list(PLATFORMS), metavar="系统")
    parser.add_argument("--python", nargs="+", default=list(PYTHONS), metavar="版本")
    parser.add_argument("-o", "--output", type=Path, default=ROOT / "dist", metavar="文件夹")
    options = parser.parse_args()
    targets = [Target(platform, python) for platform in options.platform for python in options.python]
    try:
        made = make_bundle(options.output, targets)
    except UnavailableError as error:
        print(error, file=sys.stderr)
        return 1
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file())
    print(f"离线安装包（{size / 2**20:.0f} MB）：{made}")
    return 0


def make_bundle(output: Path, targets: list[Target]) -> Path:
    """Make a bundle; it replaces the old one only when it is complete.

    Raises:
        UnavailableError: a library could not be downloaded.
    """
    version = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"]
    place = output / f"jixiao-{version}-离线安装包"
    output.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=output, prefix=".writing-") as folder:
        made = Path(folder) / "made"
        wheels = made / PROGRAM / "wheels"
        wheels.mkdir(parents=True)
        lock = (ROOT / LOCK).read_text(encoding="utf-8")
        for target in targets:
            _download(lock, target, wheels)
        own = _own_wheel(wheels)
        digest = hashlib.sha256(own.read_bytes()).hexdigest()
        (made / PROGRAM / LOCK).write_text(
            f"{lock}jixiao=={version} \\\n    --hash=sha256:{digest}\n", encoding="utf-8"
        )
        (made / PROGRAM / "targets.txt").write_text("".join(f"{each}\n" for each in targets), encoding="utf-8")
        shutil.copy(HERE / "start.py", made / PROGRAM)
        for name, there in FILES.items():
            (made / there).write_bytes(render_file(name, targets))
        (made / FILES["start.sh"]).chmod(0o755)
        if place.exists():
            shutil.rmtree(place)
        made.rename(place)
    return place


def render_file(name: str, targets: list[Target]) -> bytes:
    """Give one of the top files, with the Python versions filled in and the line ends that its system needs."""
    pythons = sorted({each.python for each in targets}, key=lambda each: tuple(map(int, each.split("."))), reverse=True)
    text = (HERE / name).read_text(encoding="utf-8")
    text = text.replace("@PYTHONS@", " ".join(pythons)).replace("@OR@", "、".join(pythons))
    if name.endswith(_FOR_WINDOWS):
        text = text.replace("\n", "\r\n")
    return text.encode("utf-8-sig" if name.endswith(".txt") else "utf-8")


def _download(lock: str, target: Target, wheels: Path) -> None:
    print(f"正在下载 {target} 的组件……", file=sys.stderr, flush=True)
    asked = wheels.parent / "asked.txt"
    asked.write_text("\n".join(needed_entries(lock, target)) + "\n", encoding="utf-8")
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary=:all:"]
    command += ["--require-hashes", "--implementation", "cp", "--python-version", target.python]
    command += [part for tag in target.tags for part in ("--platform", tag)]
    done = subprocess.run([*command, "-r", str(asked), "-d", str(wheels)], check=False)
    asked.unlink()
    if done.returncode:
        raise UnavailableError(f"没有下载到 {target} 的全部组件，原因见上；请检查网络后再运行。")


def _own_wheel(wheels: Path) -> Path:
    """Build the project's wheel from a copy; what an earlier build left behind would be packed too."""
    with tempfile.TemporaryDirectory() as folder:
        source = Path(folder)
        for name in ("pipeline", "schemas"):
            shutil.copytree(ROOT / name, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        for name in ("pyproject.toml", "LICENSE"):
            shutil.copy(ROOT / name, source)
        command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "--no-index"]
        environment = os.environ | {"SOURCE_DATE_EPOCH": _LONG_AGO}
        subprocess.run([*command, "-w", str(wheels), str(source)], check=True, env=environment)
    (own,) = wheels.glob("jixiao-*.whl")
    return own


if __name__ == "__main__":
    sys.exit(main())
