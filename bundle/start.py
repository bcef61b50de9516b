"""Start the program where there is no internet; the first time, make its environment from the wheels beside this file.

Needs only Python. Without arguments it evaluates the folder 收件夹 into 结果; with arguments it is the command
`jixiao`.
"""

from __future__ import annotations

import hashlib
import io
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
INBOX, OUTPUT = "收件夹", "结果"
LOCK = HERE / "requirements.lock"


def main(arguments: list[str]) -> int:
    """Run the program; give its exit status, or 1 where it cannot run on this machine."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):  # a console of GBK has not every character
            stream.reconfigure(errors="replace")
    here = f"{sysconfig.get_platform()} {sys.version_info.major}.{sys.version_info.minor}"
    known = (HERE / "targets.txt").read_text(encoding="utf-8").splitlines()
    if here not in known:
        print(
            f"这台电脑的系统和 Python 是 {here}，安装包里只有：{'、'.join(known)}。\n请看 先读我.txt。", file=sys.stderr
        )
        return 1
    python = prepare_environment(HERE / f"env-{here.replace(' ', '-')}")
    if python is None:
        return 1
    (ROOT / INBOX).mkdir(exist_ok=True)
    # -I: modules in the current folder and settings of this machine are not used.
    command = [str(python), "-I", "-X", "utf8", "-m", "pipeline"]
    with subprocess.Popen([*command, *(arguments or ["evaluate", INBOX, "-o", OUTPUT])], cwd=ROOT) as running:
        while True:
            try:
                return running.wait()
            except KeyboardInterrupt:  # the program got it too and ends by itself
                continue


def prepare_environment(folder: Path) -> Path | None:
    """Make the environment unless it was made from this lock; give its Python, None where that fails."""
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    mark = folder / "made-from.txt"
    digest = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if python.exists() and mark.exists() and mark.read_text(encoding="ascii") == digest:
        return python
    print("第一次使用，正在准备运行环境（不用联网，约需一两分钟）……", flush=True)
    # Settings of pip on this machine are not used: they may name servers that cannot be reached.
    settings = {name: value for name, value in os.environ.items() if not name.startswith(("PIP_", "PYTHON"))}
    settings |= {"PIP_CONFIG_FILE": os.devnull, "PYTHONUTF8": "1"}
    pip = [str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-warn-script-location"]
    pip += ["--no-index", "--find-links", str(HERE / "wheels"), "--require-hashes", "-r", str(LOCK)]
    for command in ([sys.executable, "-m", "venv", "--clear", str(folder)], pip):
        if subprocess.run(command, env=settings, check=False).returncode:
            print("没有准备成功，原因见上。请看 先读我.txt 的“常见问题”。", file=sys.stderr)
            return None
    mark.write_text(digest, encoding="ascii")
    return python


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
