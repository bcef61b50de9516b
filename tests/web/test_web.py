"""The local page behind its windows: what it answers, whom it does not hear, and that nothing stays."""

from __future__ import annotations

import base64
import http.client
import io
import os
import re
import socket
import tempfile
import threading
import time
from contextlib import suppress
from multiprocessing import active_children
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import openpyxl
import pytest
import uvicorn
from starlette.testclient import TestClient

from pipeline import evaluate as pipeline_evaluate
from pipeline import house_style as house
from pipeline.__main__ import main
from pipeline.cli import serve
from pipeline.desk import check_processes
from pipeline.desk.check_processes import CheckProcesses, Upload, check_isolated
from pipeline.desk.precheck import check_upload
from pipeline.desk.precheck_report import PrecheckReport
from pipeline.desk.precheck_workbooks import write_workbooks
from pipeline.guard import MAX_BYTES
from pipeline.web import app as pages
from pipeline.web.timed_protocol import TimedProtocol
from schemas.forms.answered import Answer
from schemas.lists.returned import TITLE
from tests.support import filed, hostile
from tests.support.pages import pages as sheets_of
from tests.support.pages import saved

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from httpx2 import Response

    from schemas.policy import Policy

OWN = "http://127.0.0.1:8000"


@pytest.fixture(scope="module")
def processes() -> Iterator[CheckProcesses]:
    """Give one process that checks uploads."""
    with CheckProcesses(1) as one:
        yield one


@pytest.fixture
def client(policy: Policy, tmp_path: Path, processes: CheckProcesses) -> TestClient:
    """Give a client of a page that has no results yet."""
    return TestClient(pages.make_app(policy, tmp_path / "output", processes), base_url=OWN)


def send(client: TestClient, content: bytes, name: str = "报表.xlsx", path: str = "/check", **headers: str) -> Response:
    """Send a workbook as the page does."""
    return client.post(path, content=content, headers={"X-File-Name": quote(name)} | headers)


# ---------------------------------------------------------------------- what it answers


def test_a_form_is_told_with_its_points_and_its_faults(client: TestClient, seed: dict[str, Any]) -> None:
    """The seed return comes back with 76.02 points, 8 errors, its faults under two sheets, and two workbooks."""
    told = send(client, filed.workbook(seed), "局/报表 1.xlsx").json()
    assert told["source_file"] == "报表 1.xlsx"
    assert round(told["scores"][-1]["points"], 2) == 76.02
    assert told["counts"]["error"] == 8
    assert [sheet["name"] for sheet in told["sheets"]] == ["附件1-1 基础数据表", "附件1-2 自评表"]
    books = send(client, filed.workbook(seed), "局/报表 1.xlsx", "/workbooks").json()
    assert [book["name"] for book in books] == [
        "衡阳县科技和工业信息化局（审核意见）.xlsx",
        "衡阳县科技和工业信息化局（评分）.xlsx",
    ]
    marked, scored = (openpyxl.load_workbook(io.BytesIO(base64.b64decode(book["content"]))) for book in books)
    assert marked.sheetnames[0] == TITLE
    assert marked["附件1-1 基础数据表"]["C9"].value == 1.08
    assert scored.sheetnames[0] == "评价结果"


def test_the_page_knows_what_the_bureau_has_answered(
    seed: dict[str, Any], policy: Policy, tmp_path: Path, processes: CheckProcesses
) -> None:
    """A form that says 招待支出 for 公务接待 is asked about; with the bureau's answer its line is read."""
    cells = {
        name: ({at: "招待支出" if str(value).strip() == "公务接待" else value for at, value in cells.items()}, merges)
        for name, (cells, merges) in sheets_of(filed.workbook(seed)).items()
    }
    said = (Answer("附件1-1", "招待支出", "公务接待"),)
    told = []
    for answers in ((), said):
        app = pages.make_app(policy, tmp_path, processes, answers=answers)
        found = send(TestClient(app, base_url=OWN), saved(cells)).json()
        told.append(any("招待支出" in problem["message"] for problem in found["problems"]))
    assert told == [True, False]


def test_a_form_without_fault_has_nothing_to_mark(clean: dict[str, Any], policy: Policy) -> None:
    """The return without a fault may be sent and comes with its scored workbook only."""
    upload = Upload("样板.xlsx", filed.workbook(clean))
    assert check_upload(upload, policy).fit
    assert [name for _, name, _ in write_workbooks(upload, policy)] == ["示例县样板局（评分）.xlsx"]


def test_names_of_downloads_are_safe(clean: dict[str, Any], policy: Policy) -> None:
    """A department that is called like a path gives a file name without any part of a path."""
    other = filed.changed(clean, {}, "../..\\局:甲")
    (_, name, _), *_ = write_workbooks(Upload("样板.xlsx", filed.workbook(other)), policy)
    assert not set(name) & set('/\\:*?"<>|')


def test_a_name_from_outside_is_only_its_last_part(client: TestClient) -> None:
    """Of a path, control marks and a very long name only a short file name is left."""
    told = send(client, b"", "C:\\机密\\\x1b[31m甲" + "长" * 500 + ".xlsx").json()
    assert told["source_file"].startswith("[31m甲长")
    assert len(told["source_file"]) == pages.LONGEST_NAME


@pytest.mark.parametrize("name", sorted(hostile.CASES))
def test_every_odd_file_is_told_of(name: str, policy: Policy) -> None:
    """Whatever is sent, there is an answer in words: none of the hostile files is a form of the county."""
    case = hostile.CASES[name]
    upload = Upload(f"{name}.xlsx", case.make())
    report = check_upload(upload, policy)
    assert case.word in report.reason
    assert report.reason
    assert not report.fit
    assert write_workbooks(upload, policy) == ()


# ---------------------------------------------------------------------- what costs only itself


def odd(upload: Upload, policy: Policy) -> PrecheckReport:
    """Do to the process what a hostile file could; else give the number of the process as the reason."""
    match upload.name:
        case "abort":
            os.abort()
        case "sleep":
            time.sleep(60)
        case "memory":
            bytearray(2**31)
    return PrecheckReport(upload.name, policy.year, str(os.getpid()))


@pytest.mark.slow
@pytest.mark.parametrize("name", ["abort", "sleep", "memory"])
def test_what_ends_or_fills_its_process_costs_only_itself(name: str, policy: Policy, processes: CheckProcesses) -> None:
    """A file that aborts its process, never ends, or takes 2 GB is told of in words; the next one is checked."""
    report = check_isolated(Upload(name, b""), policy, processes, seconds=2, work=odd)
    assert report.source_file == name
    assert "读取时出错或占用过大" in report.reason
    assert check_isolated(Upload("good", b""), policy, processes, work=odd).reason.isdecimal()


@pytest.mark.own_processes
def test_a_process_serves_many_uploads_and_is_replaced_then(policy: Policy, monkeypatch: pytest.MonkeyPatch) -> None:
    """With three tasks a process, the first two uploads are checked in one that was started ahead, the next in another.

    That it has started is a task too.
    """
    monkeypatch.setattr(check_processes, "UPLOADS", 3)
    with CheckProcesses(1) as one:
        one.start()
        started = {str(process.pid) for process in active_children()}
        told = [check_isolated(Upload("good", b""), policy, one, work=odd).reason for _ in range(4)]
    assert told[0] == told[1] != told[2] == told[3]
    assert told[0] in started


def test_nothing_is_left_on_disk(
    client: TestClient, seed: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a form was examined, with a process of its own, neither the temporary folder nor the output has a file."""
    place = tmp_path / "tmp"
    place.mkdir()
    monkeypatch.setenv("TMPDIR", str(place))
    monkeypatch.setattr(tempfile, "tempdir", None)
    assert tempfile.gettempdir() == str(place)
    assert send(client, filed.workbook(seed)).json()["department"]
    assert sorted(tmp_path.rglob("*")) == [place]


def test_a_large_file_is_not_taken_in(client: TestClient) -> None:
    """One byte more than a run takes is refused, whether its size is announced or only comes to light."""
    large = bytes(MAX_BYTES + 1)
    announced = send(client, large)

    def pieces() -> Iterator[bytes]:
        for at in range(0, len(large), 2**20):
            yield large[at : at + 2**20]

    unannounced = client.post("/check", content=pieces(), headers={"X-File-Name": "a"})
    for answer in (announced, unannounced):
        assert answer.status_code == 413
        assert "20 MB" in answer.json()["reason"]


def test_more_than_can_wait_are_sent_away(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    """When as many uploads are here as can wait, the next is told to come again; afterwards there is room."""
    monkeypatch.setattr(pages, "MAX_HELD", 0)
    assert send(client, b"").status_code == 503
    monkeypatch.setattr(pages, "MAX_HELD", 1)
    assert [send(client, b"").status_code for _ in range(2)] == [200] * 2


# ---------------------------------------------------------------------- whom it does not hear


@pytest.mark.parametrize(
    "path",
    [*pages.FILES, "/about.json", "/county.json", "/department.json", "/house.css", "/check", "/nothing", "/../x"],
)
def test_every_answer_is_fenced_in(path: str, client: TestClient) -> None:
    """Found, not found, wrongly asked or refused: each answer may load from here only, and is not kept."""
    refused = client.get(path, headers={"Host": "evil.example"})
    foreign = client.post(path, headers={"Origin": "http://evil.example"})
    assert (refused.status_code, foreign.status_code) == (400, 403)
    for answer in (client.get(path), refused, foreign):
        rules = dict(rule.split(" ", 1) for rule in answer.headers["content-security-policy"].split("; "))
        assert rules["default-src"] == "'none'"
        assert {rules[f"{what}-src"] for what in ("script", "style", "img", "connect")} == {"'self'"}
        assert {rules[what] for what in ("base-uri", "form-action", "frame-ancestors")} == {"'none'"}
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["cache-control"] == "no-store"
        assert "server" not in answer.headers


def test_only_its_own_names_are_answered(policy: Policy, tmp_path: Path, processes: CheckProcesses) -> None:
    """The loopback names and the name it is served under are answered, with any port; no other, however near."""
    client = TestClient(pages.make_app(policy, tmp_path, processes, "192.0.2.7"), base_url=OWN)
    own = ["127.0.0.1", "localhost:8000", "LOCALHOST", "[::1]:8000", "192.0.2.7:80"]
    other = ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "192.0.2.8", ""]
    assert {name: client.get("/", headers={"Host": name}).status_code for name in own} == dict.fromkeys(own, 200)
    assert {name: client.get("/", headers={"Host": name}).status_code for name in other} == dict.fromkeys(other, 400)


def test_another_page_cannot_send_a_file(client: TestClient) -> None:
    """A request that bears another origin, or comes from another site, is refused; the page's own is heard."""
    assert send(client, b"", Origin=OWN, **{"Sec-Fetch-Site": "same-origin"}).status_code == 200
    for headers in (
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9000"},
        {"Origin": "https://127.0.0.1:8000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ):
        assert send(client, b"", **headers).status_code == 403


def test_the_page_is_whole_in_itself(client: TestClient) -> None:
    """Each file of the page is served as what it is; none names an address, and no markup holds code or looks."""
    assert {name for name, _ in pages.FILES.values()} == {path.name for path in pages.STATIC.iterdir()}
    for path, (_, media_type) in pages.FILES.items():
        answer = client.get(path)
        assert answer.headers["content-type"].startswith(media_type)
        text = answer.text.replace("http://www.w3.org/2000/svg", "")
        assert "//" not in re.sub(r"(?m)^\s*//.*$", "", text).replace("*//", "")
        if media_type == "text/html":
            assert not re.search(r"<script[^>]*>[^<]|<style|style=|\son\w+=", text)
            named = re.findall(r'(?:src|href)="(/[^"]*)"', text)
            assert {client.get(each).status_code for each in named} == {200}
        if media_type == "text/javascript":
            assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", text)


# ---------------------------------------------------------------------- the county


def test_the_county_is_told_from_what_the_last_run_wrote(
    policy: Policy, tmp_path: Path, processes: CheckProcesses
) -> None:
    """Without a run there are words what to do; after one, its department, points, grade and counts."""
    client = TestClient(pages.make_app(policy, tmp_path, processes), base_url=OWN)
    missing = client.get("/county.json")
    assert missing.status_code == 404
    assert "请先运行 make evaluate" in missing.json()["reason"]
    pipeline_evaluate.evaluate(filed.EXAMPLE.parent, tmp_path, policy)
    told = client.get("/county.json").json()
    assert {each["name"]: (each["text"], each["note"]) for each in told["figures"]} == {
        "received": ("1", "上年没有数据"),
        "points": ("76.02", "自评平均 91.00 ▼14.98　上年没有数据"),
        "three_public": ("2.85", "上年 4.92 ▼2.07"),
        "execution": ("96.2%", "上年没有数据"),  # 961.44 of 999.38
        "findings": ("19", "其中错误 8　上年没有数据"),  # 8 + 11
    }
    assert {each["word"]: (each["computed"], each["claimed"]) for each in told["grades"]} == {
        "优秀": (0, 1),
        "良好": (0, 0),
        "较差": (1, 0),
        "差": (0, 0),
    }
    (row,) = told["departments"]
    assert (row["rank"], row["department"], row["points"], row["grade"]) == (
        1,
        "衡阳县科技和工业信息化局",
        76.02,
        "较差",
    )
    assert re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d", told["finished"])


def test_a_department_is_told_from_what_the_last_run_wrote(
    policy: Policy, tmp_path: Path, processes: CheckProcesses
) -> None:
    """By its name, whatever its spaces, a department has its report; for one not there similar names are told."""
    client = TestClient(pages.make_app(policy, tmp_path, processes), base_url=OWN)
    pipeline_evaluate.evaluate(filed.EXAMPLE.parent, tmp_path, policy)
    told = client.get("/department.json", params={"name": "衡阳县 科技和工业信息化局"}).json()
    assert (told["department"], told["counts"]["error"], told["years"]) == ("衡阳县科技和工业信息化局", 8, [])
    assert told["scores"][0]["before"][0].startswith("分值 10.00 × 全年执行数 961.44（附件1-2 自评表 E6）")
    assert "完成率60.00%" in told["indicators"][6]["way"][0]  # 3 of 5
    missing = client.get("/department.json", params={"name": "科技和工业信息化局"})
    assert missing.status_code == 404
    assert "衡阳县科技和工业信息化局" in missing.json()["reason"]


def test_the_colours_are_those_of_the_house(client: TestClient) -> None:
    """What was computed and what a reviewer decided have on the page the colours that they have in the workbooks."""
    text = client.get("/house.css").text
    assert f"--house-computed-fill: {house.COMPUTED_FILL.lower()};" in text
    assert f"--house-reviewed-fill: {house.REVIEWED_FILL.lower()};" in text
    assert client.get("/about.json").json()["legend"] == [list(each) for each in house.LEGEND]


# ---------------------------------------------------------------------- the command


def test_without_its_parts_the_command_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Where the extra is not installed the command ends with status 2 and names what is missing."""
    monkeypatch.setattr(serve, "NEEDED", ("starlette", "uvicorn_that_is_not_there"))
    assert main(["serve"]) == 2
    assert "pip install starlette uvicorn_that_is_not_there" in capsys.readouterr().err


@pytest.fixture
def address(
    policy: Policy, tmp_path: Path, processes: CheckProcesses, monkeypatch: pytest.MonkeyPatch
) -> Iterator[tuple[str, int]]:
    """Serve the page with half a second for the headers of a request; give where."""
    monkeypatch.setattr(TimedProtocol, "seconds", 0.5)
    listening = serve._listening("127.0.0.1", 0)  # noqa: SLF001 - as the command does
    app = pages.make_app(policy, tmp_path, processes)
    config = uvicorn.Config(app, http=TimedProtocol, log_level="error", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    host, port = listening.getsockname()[:2]
    yield str(host), int(port)
    server.should_exit = True
    thread.join(10)


GET = b"GET /about.json HTTP/1.1\r\nHost: localhost\r\n"


@pytest.mark.parametrize("sent", [b"", b"GET / HT", GET, GET + b"\r\n" + GET])
def test_a_request_that_does_not_arrive_is_hung_up_on(address: tuple[str, int], sent: bytes) -> None:
    """A connection that sends nothing, half a line, half its headers, or those of a second request, is closed."""
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(sent)
        began = time.monotonic()
        while connection.recv(65536):
            pass
    assert time.monotonic() - began < 10


def test_drops_do_not_keep_a_connection_open(address: tuple[str, int]) -> None:
    """A header that comes letter by letter, each in time, is as late as one that does not come."""
    with socket.create_connection(address, timeout=20) as connection, suppress(OSError):
        connection.sendall(GET)
        began = time.monotonic()
        while time.monotonic() - began < 15:
            connection.sendall(b"x")
            time.sleep(0.1)
    assert time.monotonic() - began < 10


def test_an_upload_that_comes_in_drops_is_told_so(address: tuple[str, int], monkeypatch: pytest.MonkeyPatch) -> None:
    """A workbook of which a little comes again and again is given up after its time, with what to do."""
    monkeypatch.setattr(pages, "SENDING", 1)
    answer = b""
    with socket.create_connection(address, timeout=20) as connection:
        connection.sendall(b"POST /check HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n")
        connection.settimeout(0.1)
        began = time.monotonic()
        while not answer.endswith(b"}") and time.monotonic() - began < 15:
            with suppress(TimeoutError):
                connection.sendall(b"x")
                answer += connection.recv(65536)
    assert answer.startswith(b"HTTP/1.1 408")
    assert "文件传得太慢，没有收全；请再试一次。".encode() in answer
    assert time.monotonic() - began < 10


def test_a_quick_request_is_answered(address: tuple[str, int]) -> None:
    """What arrives in time gets its answer, again and again on one connection."""
    connection = http.client.HTTPConnection(*address, timeout=20)
    for _ in range(3):
        connection.request("GET", "/about.json")
        answer = connection.getresponse()
        assert answer.status == 200
        assert b'"year"' in answer.read()
        assert connection.sock  # the same one goes on
    connection.close()


DAMAGE: dict[str, Callable[[bytes], bytes]] = {
    "no text": lambda _: b"\xff\xfe",
    "other columns": lambda _: "部门,得分\r\n甲局,九十\r\n".encode(),
    "words for numbers": lambda content: re.sub(rb"\b\d+\.\d+\b", b"x", content),
    "an unknown status": lambda content: content.replace(b"accepted", b"acc"),
    "another digit": lambda content: content.replace(b"99.26", b"19.26"),
    "a zero byte": lambda content: content.replace(b"accepted", b"\0"),
}


@pytest.mark.parametrize("damage", DAMAGE)
def test_damaged_results_are_a_message(
    policy: Policy, clean: dict[str, Any], tmp_path: Path, processes: CheckProcesses, damage: str
) -> None:
    """A table that is no text, of other columns, or has words or other figures for numbers is told, with what to do."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.xlsx").write_bytes(filed.workbook(clean))
    assert main(["evaluate", str(tmp_path / "in"), "-o", str(tmp_path / "out"), "--jobs", "1"]) == 0
    path = tmp_path / "out" / str(policy.year) / "data" / "summary.csv"
    before = path.read_bytes()
    path.write_bytes(DAMAGE[damage](before))
    assert path.read_bytes() != before
    answer = TestClient(pages.make_app(policy, tmp_path / "out", processes), base_url=OWN).get("/county.json")
    assert answer.status_code in {404, 500}
    assert answer.json()["reason"].startswith("结果已被改动：")
    assert "请重新评价（make evaluate" in answer.json()["reason"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--host", "0.0.0.0"], "请写明本机的一个地址"),  # noqa: S104 - it is refused
        (["--host", "::"], "请写明本机的一个地址"),
        (["--host", "192.0.2.1"], "不能在 192.0.2.1"),  # of no machine
        (["--port", "70000"], "端口应在"),
        (["--port", "-1"], "端口应在"),
    ],
)
def test_an_address_that_cannot_be_is_wrong_usage(
    arguments: list[str], word: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """An address that stands for all, one of another machine, and a port that is none end with status 2."""
    assert main(["serve", *arguments]) == 2
    assert word in capsys.readouterr().err


def test_a_port_that_is_taken_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A port at which something listens ends with status 2 and the advice to take another."""
    with serve._listening("127.0.0.1", 0) as taken:  # noqa: SLF001 - to have one taken
        assert main(["serve", "--port", str(taken.getsockname()[1])]) == 2
    assert "请换一个端口" in capsys.readouterr().err


def test_a_page_for_others_is_warned_of(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """At an address that others reach, a plain warning comes first; on loopback there is none."""

    class Listening:
        def __init__(self, host: str) -> None:
            self.host = host

        def getsockname(self) -> tuple[str, int]:
            return self.host, 8000

        def __enter__(self) -> None:
            pass

        def __exit__(self, *_: object) -> None:
            pass

    monkeypatch.setattr(serve, "_listening", lambda host, _port: Listening(host))
    monkeypatch.setattr("uvicorn.Server.run", lambda _self, **_: None)
    assert main(["serve", "--host", "192.0.2.1"]) == 0
    said = capsys.readouterr()
    assert "同一网络里的其他人也能打开" in said.err
    assert "http://192.0.2.1:8000/" in said.out
    assert main(["serve"]) == 0
    assert not capsys.readouterr().err
