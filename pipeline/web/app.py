"""Serve the page: its files, the check of an upload, and the results of the county's last run."""

from __future__ import annotations

import base64
import csv
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import unquote

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.desk.check_processes import Upload, check_isolated, write_isolated
from pipeline.desk.precheck_report import as_plain
from pipeline.guard import MAX_BYTES
from pipeline.house_style import LEGEND
from pipeline.output.read_back import AccountError, NoResultsError
from pipeline.web.county import county_overview, department_overview, finished
from pipeline.web.house_css import house_css
from pipeline.web.security_headers import SecurityHeaders

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from pipeline.desk.check_processes import CheckProcesses, Workbooks
    from schemas.forms.answered import Answers
    from schemas.policy import Policy

STATIC = Path(__file__).parent / "static"
FILES = {
    "/": ("check.html", "text/html"),
    "/county": ("county.html", "text/html"),
    "/department": ("department.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/check.js": ("check.js", "text/javascript"),
    "/county.js": ("county.js", "text/javascript"),
    "/department.js": ("department.js", "text/javascript"),
    "/report.js": ("report.js", "text/javascript"),
    "/compare.js": ("compare.js", "text/javascript"),
    "/charts.js": ("charts.js", "text/javascript"),
    "/made.js": ("made.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
"""Every file of the page, by its path, and what it is."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MAX_CHECKED_AT_ONCE = 2
"""Uploads that are checked at a time; each may take a process of over a gigabyte."""
MAX_HELD = 8
"""Uploads that are in memory at a time, those that wait included; each may have 20 MB."""
SENDING = 60
"""Seconds that sending an upload may take."""
LONGEST_NAME = 200
Result = TypeVar("Result")
_DAMAGED = "结果里的数据读不出来：是较早的程序写的，或已被改动、损坏；请重新运行 make evaluate。"


class _UploadRefusedError(Exception):
    """An upload that is not checked: status and reason."""


class Page:
    """The endpoints and what they share: policy, results folder, and how many uploads are in memory."""

    def __init__(self, policy: Policy, results: Path, processes: CheckProcesses, answers: Answers) -> None:
        """Begin with no upload; ``results`` is the results folder, ``output``."""
        self.policy, self.answers = policy, answers
        self.results = results
        self.processes = processes
        self.here = 0
        self.places = anyio.CapacityLimiter(MAX_CHECKED_AT_ONCE)

    @property
    def folder(self) -> Path:
        """The folder of the year."""
        return self.results / str(self.policy.year)

    async def about(self, _: Request) -> Response:
        """Give the year, the largest size of an upload, and when the last run ended, "" where there was none."""
        try:
            when = await anyio.to_thread.run_sync(finished, self.folder)
        except NoResultsError:
            when = ""
        return JSONResponse({"year": self.policy.year, "most": MAX_BYTES, "finished": when, "legend": LEGEND})

    async def county(self, _: Request) -> Response:
        """Give the results of the county's last run."""
        return await _from_results(partial(county_overview, self.folder, self.policy))

    async def department(self, request: Request) -> Response:
        """Give the results of the department of that name."""
        name = request.query_params.get("name", "")
        return await _from_results(partial(department_overview, self.folder, name, self.policy))

    async def check(self, request: Request) -> Response:
        """Check the workbook in the body of the request; its name comes percent-encoded in a header."""
        return await self._about_upload(request, check_isolated, as_plain)

    async def workbooks(self, request: Request) -> Response:
        """Write the workbooks about the one in the body of the request, in base 64."""
        return await self._about_upload(request, write_isolated, _workbooks)

    async def _about_upload(
        self,
        request: Request,
        work: Callable[[Upload, Policy, CheckProcesses], Result],
        shown: Callable[[Result], Any],
    ) -> Response:
        """Answer what work on the workbook in the body of a request comes to."""
        if self.here >= MAX_HELD:
            return JSONResponse({"reason": "正在检查的文件较多，请过一会儿再试。"}, 503)
        self.here += 1
        try:
            upload = Upload(_name(request.headers.get("x-file-name", "")), await _body(request), self.answers)
            work_on = partial(work, upload, self.policy, self.processes)
            result = await anyio.to_thread.run_sync(work_on, limiter=self.places)
        except _UploadRefusedError as error:
            status, reason = error.args
            return JSONResponse({"reason": reason}, status)
        finally:
            self.here -= 1
        return JSONResponse(shown(result))


def make_app(
    policy: Policy, results: Path, processes: CheckProcesses, host: str = LOOPBACK[0], answers: Answers = ()
) -> ASGIApp:
    """Make the application; it answers to the loopback names and to the host it is served under.

    ``answers`` are what the bureau has said of unknown words.
    """
    page = Page(policy, results, processes, answers)
    routes = [Route(path, _file(*what)) for path, what in FILES.items()]
    routes += [Route("/about.json", page.about), Route("/county.json", page.county)]
    routes += [Route("/department.json", page.department), Route("/house.css", _house)]
    routes += [Route("/check", page.check, methods=["POST"]), Route("/workbooks", page.workbooks, methods=["POST"])]
    own = f"[{host}]" if ":" in host else host
    return SecurityHeaders(TrustedHostMiddleware(Starlette(routes=routes), [*LOOPBACK, own], www_redirect=False))


async def _from_results(read: Callable[[], dict[str, Any]]) -> Response:
    """Answer what is read from the results of the last run."""
    try:
        return JSONResponse(await anyio.to_thread.run_sync(read))
    except (AccountError, NoResultsError) as error:
        return JSONResponse({"reason": str(error)}, 404)
    except (LookupError, ValueError, ArithmeticError, TypeError, OSError, csv.Error):
        # Columns of an earlier version, or a file that somebody changed or that is damaged.
        return JSONResponse({"reason": _DAMAGED}, 500)


async def _house(_: Request) -> Response:
    """Give the colours of the house."""
    return Response(house_css(), media_type="text/css")


def _file(name: str, media_type: str) -> Any:
    content = (STATIC / name).read_bytes()

    async def answer(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return answer


async def _body(request: Request) -> bytes:
    """Read the body of a request into memory; stop when it is too large."""
    content = bytearray()
    try:
        _check_size(int(request.headers.get("content-length", "0")))
        with anyio.fail_after(SENDING):
            async for chunk in request.stream():
                content += chunk
                _check_size(len(content))
    except TimeoutError:
        raise _UploadRefusedError(408, "文件传得太慢，没有收全；请再试一次。") from None
    except (ClientDisconnect, ValueError):
        raise _UploadRefusedError(400, "文件没有收全；请再试一次。") from None
    return bytes(content)


def _check_size(size: int) -> None:
    if size > MAX_BYTES:
        raise _UploadRefusedError(413, f"文件超过 {MAX_BYTES // 2**20} MB；请删去图片等附带内容后再检查。")


def _name(header: str) -> str:
    """Give the last part of a file's name, without characters that cannot be shown."""
    name = unquote(header).replace("\\", "/").rpartition("/")[2]
    return "".join(mark for mark in name if mark.isprintable())[:LONGEST_NAME] or "未命名.xlsx"


def _workbooks(books: Workbooks) -> list[dict[str, str]]:
    """Give workbooks as plain values, their bytes in base 64."""
    return [
        {"what": what, "name": name, "content": base64.b64encode(content).decode()} for what, name, content in books
    ]
