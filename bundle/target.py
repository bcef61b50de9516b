"""Say which systems a bundle is for, and which entries of the universal lock each of them needs."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from packaging.markers import default_environment
from packaging.requirements import Requirement

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHONS = ("3.11", "3.12", "3.13", "3.14")
"""The versions of CPython that a bundle is for by default."""
_GLIBC = 28
"""The newest glibc 2.x that wheels may need, that of Kylin V10."""


def _manylinux(machine: str) -> tuple[str, ...]:
    """List every wheel tag that a Linux with that glibc can use; pip does not derive older ones."""
    tags = [f"manylinux_2_{minor}_{machine}" for minor in range(_GLIBC, 16, -1)]
    return (*tags, f"manylinux2014_{machine}", *(f"{old}_{machine}" for old in ("manylinux2010", "manylinux1")))


PLATFORMS: dict[str, tuple[tuple[str, ...], dict[str, str]]] = {
    "win-amd64": (
        ("win_amd64",),
        {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
    **{
        f"linux-{machine}": (
            _manylinux(machine),
            {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": machine},
        )
        for machine in ("x86_64", "aarch64")
    },
}
"""System as named by `sysconfig.get_platform` → its wheel tags, and its values for environment markers."""


@dataclass(frozen=True, slots=True)
class Target:
    """A system with a version of CPython; its text is what `bundle/start.py` computes on that system."""

    platform: str
    python: str

    def __str__(self) -> str:
        """Give the name used in the bundle's list of targets."""
        return f"{self.platform} {self.python}"

    @property
    def tags(self) -> tuple[str, ...]:
        """The wheel tags that fit, for ``pip download --platform``."""
        return PLATFORMS[self.platform][0]

    @property
    def environment(self) -> dict[str, str]:
        """The values for environment markers; pip would use those of the Python it runs on."""
        own = {"python_version": self.python, "python_full_version": f"{self.python}.0"}
        own |= {"implementation_version": f"{self.python}.0", "implementation_name": "cpython"}
        own |= {"platform_python_implementation": "CPython"} | PLATFORMS[self.platform][1]
        return {name: str(value) for name, value in default_environment().items()} | own


def needed_entries(lock: str, target: Target) -> Iterator[str]:
    """Give the entries of a lock that a target needs, with hashes and without markers."""
    for entry in re.split(r"\n(?=\S)", lock):
        if entry.startswith("#") or not entry.strip():
            continue
        head, *hashes = entry.rstrip().split("\n")
        asked = Requirement(head.rstrip(" \\"))
        if asked.marker is None or asked.marker.evaluate(target.environment):
            asked.marker = None
            yield "\n".join([f"{asked} \\", *hashes])
