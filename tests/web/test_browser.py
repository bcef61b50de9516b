"""The page in a real browser: what it shows, with keys alone, to screen readers, in a narrow window, and on its own."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
from itertools import pairwise
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import openpyxl
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from pipeline import evaluate as pipeline_evaluate
from tests.support import filed
from tests.support.browser import asked_for, chromium, needs_chromium, reported, resized, until

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from selenium.webdriver.chrome.webdriver import WebDriver
    from selenium.webdriver.remote.webelement import WebElement

    from schemas.policy import Policy

pytestmark = [needs_chromium, pytest.mark.slow]

OFFICE = "衡阳县科技和工业信息化局"
HOSTILE = '<img src=x onerror="document.title=1">'
LONG = f"{HOSTILE}很长的文字" * 60
"""More than 2,000 letters that are markup where they are not text."""

# A drop as the browser makes one: with a file that was never chosen in the page.
_DROP = """
const [content, name] = arguments;
const bytes = Uint8Array.from(atob(content), (mark) => mark.charCodeAt(0));
const held = new DataTransfer();
held.items.add(new File([bytes], name));
const zone = document.getElementById("drop");
for (const kind of ["dragenter", "dragover", "drop"]) {
  zone.dispatchEvent(new DragEvent(kind, { dataTransfer: held, bubbles: true, cancelable: true }));
}
"""


@pytest.fixture(scope="module")
def ugly(seed: dict[str, Any]) -> bytes:
    """Give a return with 60 indicator rows, texts of 2,000 letters and more, and a long name."""
    rows = [dict(seed["indicators"][at * len(seed["indicators"]) // 60]) for at in range(60)]
    for at in range(0, 60, 5):
        rows[at] |= {"level3": LONG, "target": "W" * 2000}
    fields = {"department_1_1": HOSTILE * 6, "department_1_2": HOSTILE * 6, "authorised_posts": "9" * 500}
    return filed.workbook(seed | {"fields": seed["fields"] | fields, "indicators": filed.levels(rows)})


@pytest.fixture(scope="module")
def address(policy: Policy, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Give the address of the command at work, with the results of a run; it must end well when it is interrupted."""
    output = tmp_path_factory.mktemp("output")
    pipeline_evaluate.evaluate(filed.EXAMPLE.parent, output, policy)
    command = [sys.executable, "-m", "pipeline", "serve", "--port", "0", "-o", str(output)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, cwd=filed.ROOT, text=True, encoding="utf-8") as serving:
        assert serving.stdout is not None
        yield serving.stdout.readline().split()[-1]
        serving.send_signal(signal.SIGINT)
        assert serving.wait(30) == 0


@pytest.fixture(scope="module")
def downloads(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give the folder of the window."""
    return tmp_path_factory.mktemp("window")


@pytest.fixture(scope="module")
def window(downloads: Path) -> Iterator[WebDriver]:
    """Give one window for all."""
    with chromium(downloads) as driver:
        yield driver


@pytest.fixture
def page(window: WebDriver, address: str) -> WebDriver:
    """Give the window with the page as it opens, wide."""
    resized(window, 1280)
    asked_for(window)  # the window's own first page, and what earlier tests did
    reported(window)
    window.get(address)
    return window


def drop(page: WebDriver, content: bytes, name: str = "报表.xlsx") -> str:
    """Drop a file, wait for the answer, and give what the page says."""
    page.execute_script("document.getElementById('status').dataset.tone = ''")
    page.execute_script(_DROP, base64.b64encode(content).decode(), name)
    return answered(page)


def answered(page: WebDriver) -> str:
    """Wait for the answer, and give what the page says."""
    status = page.find_element(By.ID, "status")
    until(page, lambda: status.get_attribute("data-tone") in {"good", "bad"})
    return status.text


def found(page: WebDriver, css: str) -> list[WebElement]:
    """Give the elements that match."""
    return page.find_elements(By.CSS_SELECTOR, css)


def test_a_good_form_is_told_to_be_good(page: WebDriver, clean: dict[str, Any]) -> None:
    """The return without a fault, dropped, shows 99.26 points and that it can be sent, and no list of faults."""
    assert drop(page, filed.workbook(clean)) == "没有发现问题，可以报送。目前 99.26 分，优秀。"
    assert [each.text for each in found(page, "#result h2")] == ["示例县样板局", "每一分怎样得来"]
    assert found(page, ".problems li") == []


def test_a_faulty_form_shows_its_faults_at_their_cells(page: WebDriver, seed: dict[str, Any]) -> None:
    """The seed return shows 76.02 points, 8 errors, what to correct first, and C9 with 1.08 where 10.77 should be."""
    assert drop(page, filed.workbook(seed)) == "有 8 处错误，请改正后再报送。目前 76.02 分，较差（暂定）。"
    assert [each.text for each in found(page, ".counts strong")] == ["8", "11", "5"]
    assert [each.text for each in found(page, ".first .cell")] == ["F23、F24、F29", "F41", "F22"]
    assert [each.text for each in found(page, ".parts tbody th")][-1] == "合计"
    (fault,) = [each for each in found(page, ".problems li") if each.find_elements(By.XPATH, ".//*[.='C9']")]
    assert [each.text for each in fault.find_elements(By.TAG_NAME, "dd")] == ["1.08", "10.77"]


def test_the_workbooks_can_be_taken_along(page: WebDriver, downloads: Path, seed: dict[str, Any]) -> None:
    """Both links save a workbook under the department's name that opens with the sheet it must."""
    drop(page, filed.workbook(seed))
    first = {"审核意见": "审核意见", "评分": "评价结果"}
    links = until(page, lambda: found(page, ".downloads a"))
    for link, (kind, sheet) in zip(links, first.items(), strict=True):
        link.send_keys(Keys.ENTER)
        path = downloads / "downloads" / f"衡阳县科技和工业信息化局（{kind}）.xlsx"
        until(page, path.exists)
        assert openpyxl.load_workbook(path, read_only=True).sheetnames[0] == sheet


def test_what_is_no_form_is_told_and_the_next_is_read(page: WebDriver, clean: dict[str, Any]) -> None:
    """A file that is no workbook, or too large, is told of in words; the page goes on with the next."""
    assert "是 PDF 文件" in drop(page, b"%PDF-1.7 ...", "报表.xlsx")
    assert found(page, "#result > *") == []
    page.execute_script("""
        const held = new DataTransfer();
        held.items.add(new File([new Uint8Array(20 * 2 ** 20 + 1)], "大.xlsx"));
        const status = document.getElementById("status");
        status.dataset.tone = "";
        dispatchEvent(new DragEvent("drop", { dataTransfer: held, cancelable: true }));
    """)
    assert answered(page) == "文件超过 20 MB；请删去图片等附带内容后再检查。"
    assert drop(page, filed.workbook(clean)).startswith("没有发现问题")


def test_what_a_department_wrote_is_only_text(page: WebDriver, ugly: bytes) -> None:
    """A name and texts that are markup appear as they were written; no picture is made, no code runs."""
    title = page.title
    drop(page, ugly, f"{HOSTILE}.xlsx")
    assert found(page, "#department")[0].text == HOSTILE * 6
    assert found(page, "#result img") == []
    assert page.title == title


WIDTHS = [360, 1280, 1920]
_WIDER = """
    document.querySelectorAll("details").forEach((each) => (each.open = true));
    document.querySelectorAll("button.more").forEach((each) => each.click());
    return [...document.querySelectorAll("main *:not(.unseen)")].filter((each) => {
      const { left, right } = each.getBoundingClientRect();
      return left < -0.5 || right > innerWidth + 0.5;
    }).map((each) => each.outerHTML.slice(0, 80));
"""


def fits(page: WebDriver, width: int) -> bool:
    """Tell whether nothing reaches beyond a window so wide, with everything open."""
    wider: list[str] = page.execute_script(_WIDER)
    whole: int = page.execute_script("return document.documentElement.scrollWidth")
    return not wider and whole == width


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_window(width: int, page: WebDriver, ugly: bytes) -> None:
    """At 360, 1280 and 1920 pixels, with the ugliest return and everything open, nothing reaches beyond the window."""
    resized(page, width)
    drop(page, ugly, "长" * 150 + ".xlsx")
    assert fits(page, width)
    assert len(found(page, ".way .row")) == 60


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("view", ["county", f"department?name={quote(OFFICE)}"])
def test_county_and_department_fit_the_window(view: str, width: int, page: WebDriver, address: str) -> None:
    """At the three widths both views of the last run's results show all that they have within the window."""
    resized(page, width)
    page.get(f"{address}{view}")
    until(page, lambda: found(page, "#county > *, #about > *"))
    assert fits(page, width)
    assert reported(page) == []


def test_the_county_is_shown_and_fits_a_narrow_window(page: WebDriver, address: str) -> None:
    """The second view shows the one department of the run with its points, grade and counts, at 360 pixels too."""
    resized(page, 360)
    page.get(f"{address}county")
    (row,) = until(page, lambda: found(page, ".ranking tbody tr"))
    cells = [each.text for each in row.find_elements(By.CSS_SELECTOR, "td, th") if each.is_displayed()]
    assert cells == ["1", "衡阳县科技和工业信息化局", "76.02", "较差暂定", "8", "11"]
    assert page.execute_script("return document.documentElement.scrollWidth") == 360


def test_keys_are_enough(page: WebDriver, seed: dict[str, Any], tmp_path: Path) -> None:
    """With the tabulator the file chooser is reached and shows where it is; kinds and links answer to keys."""
    path = tmp_path / "报表.xlsx"
    path.write_bytes(filed.workbook(seed))
    reached = []
    for _ in range(4):
        ActionChains(page).send_keys(Keys.TAB).perform()
        reached.append(page.switch_to.active_element)
    assert [each.accessible_name for each in reached[:3]] == ["跳到正文", "检查报表", "全县情况"]
    chooser = reached[3]
    assert chooser.get_attribute("id") == "file"
    ring = "return getComputedStyle(document.querySelector('.drop label')).outlineStyle"
    assert page.execute_script(ring) == "solid"
    chooser.send_keys(str(path))
    answered(page)
    all_kinds, errors, *_ = found(page, ".choices input")
    page.execute_script("arguments[0].focus()", all_kinds)
    ActionChains(page).send_keys(Keys.ARROW_RIGHT).perform()
    assert errors.is_selected()
    shown = [each.get_attribute("data-kind") for each in found(page, ".problems li") if each.is_displayed()]
    assert set(shown) == {"error"}
    assert len(shown) == 6  # eight places on six lines: three blank actuals are one
    link = found(page, ".first a")[0]
    page.execute_script("arguments[0].focus()", link)
    ActionChains(page).send_keys(Keys.ENTER).perform()
    assert page.switch_to.active_element.get_attribute("id") == str(link.get_attribute("href")).partition("#")[2]


def test_screen_readers_are_told(page: WebDriver, seed: dict[str, Any]) -> None:
    """Landmarks, the chooser, the result that is announced, sections, lists and tables have roles and names."""
    chooser = page.find_element(By.ID, "file")
    assert "选择文件" in chooser.accessible_name
    status = page.find_element(By.ID, "status")
    assert (status.aria_role, status.get_attribute("aria-live")) == ("status", "polite")
    drop(page, filed.workbook(seed))
    roles = {css: found(page, css)[0].aria_role for css in ("header", "nav", "main", "article", "table", ".first")}
    assert roles == {
        "header": "banner",
        "nav": "navigation",
        "main": "main",
        "article": "article",
        "table": "table",
        ".first": "list",
    }
    assert found(page, "nav")[0].accessible_name == "页面"
    assert found(page, "article")[0].accessible_name == "衡阳县科技和工业信息化局"
    assert [each.accessible_name for each in found(page, "#result > section")[1:]] == [
        "与上次相比",
        "先改这些",
        "全部问题",
        "每一分怎样得来",
    ]
    page.execute_script("document.querySelector('details').open = true")
    for table in found(page, "table"):
        assert table.accessible_name
        assert {each.get_attribute("scope") for each in table.find_elements(By.TAG_NAME, "th")} == {"col", "row"}
    heads = [int(each.tag_name[1]) for each in found(page, "h1, h2, h3")]
    assert heads[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(heads))


def test_a_corrected_return_shows_what_changed(page: WebDriver, seed: dict[str, Any]) -> None:
    """C9 10.77 and F23 8 of 8 beside the run's return: 8 − 2 errors and 50 ÷ 15 points more; the first again: less."""
    rows = {"8": {"actual": "8个"}}
    mended = filed.changed(seed, {"fields": {"three_public_budget": 10.77}, "rows": rows}, OFFICE)
    drop(page, filed.workbook(mended))
    (card,) = found(page, ".comparison")
    assert card.find_element(By.CLASS_NAME, "headline").text == "少了 2 处错误，+3.33 分"
    entries = [each.text for each in card.find_elements(By.CSS_SELECTOR, ".entries tbody td")]
    assert entries == ["1.08", "10.77", "（空白）", "8个"]
    assert "评价的" in card.text
    drop(page, filed.workbook(seed), "原来的.xlsx")
    (card,) = found(page, ".comparison")
    assert card.find_element(By.CLASS_NAME, "headline").text == "多了 2 处错误，−3.33 分"
    assert "刚才检查的“报表.xlsx”" in card.text


def test_what_follows_from_a_wrong_figure_stands_beneath_it(page: WebDriver, clean: dict[str, Any]) -> None:
    """With 三公经费 40 for 4, the one error has beneath it the difference from annex 1-2, which is no item itself."""
    fields = {
        "vehicle_purchase_outturn": 0,
        "vehicle_running_outturn": 3,
        "vehicles_outturn": 3,
        "reception_outturn": 1,
        "overseas_outturn": 0,
        "three_public_outturn": 40,
        "spending_three_public": 4,
    }
    drop(page, filed.workbook(filed.changed(clean, {"fields": fields}, "甲局")))
    (error,) = found(page, ".problems li[data-kind=error]")
    (beneath,) = error.find_elements(By.CSS_SELECTOR, ".following li")
    assert "三公" in beneath.text
    assert found(page, ".problems > li[data-kind='由此产生']") == []


def test_from_the_county_to_every_point_by_keys(page: WebDriver, address: str) -> None:
    """What needs a decision leads, with keys alone, to the department, and a row unfolds to the way to its points."""
    page.get(f"{address}county")
    until(page, lambda: found(page, ".figures .big"))
    figures = [each.text for each in found(page, ".figures .big")]
    assert figures == ["1", "76.02", "2.85", "96.2%", "19"]  # 8 + 11 findings
    assert [each.text for each in found(page, "table.grades tbody tr:nth-child(3) td.number")] == ["1", "0"]
    (point,) = found(page, ".point.named title")
    assert point.get_attribute("textContent") == f"{OFFICE}：自评 91.00，核算 76.02"
    link = found(page, ".matters a")[0]
    page.execute_script("arguments[0].focus()", link)
    ActionChains(page).send_keys(Keys.ENTER).perform()
    until(page, lambda: found(page, "#about .way"))
    assert found(page, "h1")[0].text == OFFICE
    row = found(page, ".way .row")[6]
    page.execute_script("arguments[0].focus()", row.find_element(By.TAG_NAME, "summary"))
    ActionChains(page).send_keys(Keys.ENTER).perform()
    assert "完成率60.00%" in row.find_element(By.CSS_SELECTOR, ".lines").text  # 3 of 5
    assert "全年执行数 961.44（附件1-2 自评表 E6）" in found(page, ".way")[0].text


def test_a_page_is_printed_without_what_only_a_window_needs(page: WebDriver, address: str) -> None:
    """On paper there is no zone to drop, no choice and no navigation, and the overview stands before the ranking."""
    page.get(f"{address}county")
    until(page, lambda: found(page, "table.ranking"))
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    try:
        assert [each.is_displayed() for each in found(page, ".drop, nav, .tools")] == [False, False, False]
        assert all(each.is_displayed() for each in found(page, ".figures, .matters, .against svg, table.ranking"))
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_nothing_comes_from_elsewhere(page: WebDriver, address: str, seed: dict[str, Any]) -> None:
    """Both views, used, ask for nothing but the page's own origin, and the browser finds nothing to report."""
    drop(page, filed.workbook(seed))
    page.get(f"{address}county")
    until(page, lambda: found(page, ".ranking tbody tr"))
    asked = [each for each in asked_for(page) if not each.startswith(("blob:", "data:", "about:"))]
    assert f"{address}check" in asked
    assert [each for each in asked if not each.startswith(address)] == []
    assert reported(page) == []


def test_those_who_want_less_motion_or_darkness_get_it(page: WebDriver) -> None:
    """With reduced motion nothing turns or slides; in the dark the ground is darker than the letters."""
    features = [
        {"name": "prefers-reduced-motion", "value": "reduce"},
        {"name": "prefers-color-scheme", "value": "dark"},
    ]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    try:
        look = page.execute_script("""
            const zone = getComputedStyle(document.querySelector(".drop label"));
            const light = (colour) => colour.match(/[\\d.]+/g).slice(0, 3).reduce((sum, each) => sum + Number(each), 0);
            const { backgroundColor, color } = getComputedStyle(document.body);
            return [zone.transitionDuration, light(backgroundColor) < light(color)];
        """)
    finally:
        page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert look == ["0s", True]
