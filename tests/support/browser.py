"""Chromium, where the machine has it: a window in which a page is used, and what it asked for."""

from __future__ import annotations

import json
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.support.ui import WebDriverWait

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

CHROMIUM = shutil.which("chromium")
DRIVER = shutil.which("chromedriver")
needs_chromium = pytest.mark.skipif(
    CHROMIUM is None or DRIVER is None, reason="chromium and chromedriver are not installed on this machine"
)
PATIENCE = 60
"""Seconds to wait for what must come."""
_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
)


@contextmanager
def chromium(folder: Path) -> Iterator[webdriver.Chrome]:
    """Open a window with an empty profile; what it downloads goes to ``folder/downloads``."""
    assert CHROMIUM is not None
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in (*_FLAGS, f"--user-data-dir={folder / 'profile'}"):
        options.add_argument(flag)
    options.add_experimental_option("prefs", {"download.default_directory": str(folder / "downloads")})
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


def resized(driver: webdriver.Chrome, width: int, height: int = 800) -> None:
    """Give the window an exact size, smaller than a window of the system can be."""
    metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)


def until(driver: webdriver.Chrome, holds: Callable[[], Any]) -> Any:
    """Wait until something holds, and give it."""
    return WebDriverWait(driver, PATIENCE, poll_frequency=0.1).until(lambda _: holds())


def asked_for(driver: webdriver.Chrome) -> list[str]:
    """Give the addresses that the window asked for since the last call."""
    logged = (json.loads(entry["message"])["message"] for entry in _log(driver, "performance"))
    return [each["params"]["request"]["url"] for each in logged if each["method"] == "Network.requestWillBeSent"]


def reported(driver: webdriver.Chrome) -> list[str]:
    """Give what the browser reported since the last call: errors of the page, and what its rules forbade."""
    return [str(entry["message"]) for entry in _log(driver, "browser")]


def _log(driver: webdriver.Chrome, kind: str) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = driver.get_log(kind)  # type: ignore[no-untyped-call]
    return entries
