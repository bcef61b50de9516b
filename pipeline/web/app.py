"""The page as an application: its files, the check of an upload, and the county's last run."""

from __future__ import annotations

import base64
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import anyio
import anyio.to_thread
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import ClientDisconnect
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from pipeline.desk.precheck import group_by_sheet
from pipeline.guard import MAX_BYTES
from pipeline.output.read_back import NoResultsError
from pipeline.web.check_upload import Upload, check_in_own_process
from pipeline.web.county import county_overview
from pipeline.web.security_headers import SecurityHeaders

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from pipeline.web.check_upload import UploadResult
    from schemas.policy import Policy

STATIC = Path(__file__).parent / "static"
FILES = {
    "/": ("check.html", "text/html"),
    "/county": ("county.html", "text/html"),
    "/style.css": ("style.css", "text/css"),
    "/check.js": ("check.js", "text/javascript"),
    "/county.js": ("county.js", "text/javascript"),
    "/made.js": ("made.js", "text/javascript"),
    "/icon.svg": ("icon.svg", "image/svg+xml"),
}
"""Every file of the page, by its path, and what it is."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
MAX_CHECKED_AT_ONCE = 2
"""Uploads that are examined at a time; each may take a process of a good gigabyte."""
MAX_HELD = 8
"""Uploads that are held at a time, those that wait among them; each may have 20 MB."""
SENDING = 60
"""Seconds that sending an upload may take."""
LONGEST_NAME = 200


class _UploadRefusedError(Exception):
    """An upload that is not examined: status and reason."""


class Page:
    """The endpoints, and what they share: policy, results, and how many uploads are here."""

    def __init__(self, policy: Policy, results: Path) -> None:
        """Begin with no upload; ``results`` is the folder of the runs, ``output``."""
        self.policy = policy
        self.results = results
        self.here = 0
        self.places = anyio.CapacityLimiter(MAX_CHECKED_AT_ONCE)

    async def about(self, _: Request) -> Response:
        """Say what the page must know: the year and the largest upload."""
        return JSONResponse({"year": self.policy.year, "most": MAX_BYTES})

    async def county(self, _: Request) -> Response:
        """Give the county's last run."""
        try:
            found = await anyio.to_thread.run_sync(county_overview, self.results / str(self.policy.year), self.policy)
        except NoResultsError as error:
            return JSONResponse({"reason": str(error)}, 404)
        except KeyError:  # a column that an earlier version did not write
            return JSONResponse({"reason": "结果是较早的程序写的；请重新运行 make evaluate。"}, 404)
        return JSONResponse(found)

    async def check(self, request: Request) -> Response:
        """Examine the workbook that is the body of the request; its name comes in a header, percent-encoded."""
        if self.here >= MAX_HELD:
            return JSONResponse({"reason": "正在检查的文件较多，请过一会儿再试。"}, 503)
        self.here += 1
        try:
            upload = Upload(_name(request.headers.get("x-file-name", "")), await _body(request))
            examined = await anyio.to_thread.run_sync(check_in_own_process, upload, self.policy, limiter=self.places)
        except _UploadRefusedError as error:
            status, reason = error.args
            return JSONResponse({"reason": reason}, status)
        finally:
            self.here -= 1
        return JSONResponse(_plain(examined))


def make_app(policy: Policy, results: Path, host: str = LOOPBACK[0]) -> ASGIApp:
    """Make the application that answers to the loopback names and to the name it is served under."""
    page = Page(policy, results)
    routes = [Route(path, _file(*what)) for path, what in FILES.items()]
    routes += [Route("/about.json", page.about), Route("/county.json", page.county)]
    routes += [Route("/check", page.check, methods=["POST"])]
    own = f"[{host}]" if ":" in host else host
    return SecurityHeaders(TrustedHostMiddleware(Starlette(routes=routes), [*LOOPBACK, own], www_redirect=False))


def _file(name: str, media_type: str) -> Any:
    content = (STATIC / name).read_bytes()

    async def answer(_: Request) -> Response:
        return Response(content, media_type=media_type)

    return answer


async def _body(request: Request) -> bytes:
    """Give the body of a request, in memory; a large one is not taken in."""
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
    """Give the last part of a file's name as it may be shown."""
    name = unquote(header).replace("\\", "/").rpartition("/")[2]
    return "".join(mark for mark in name if mark.isprintable())[:LONGEST_NAME] or "未命名.xlsx"


def _plain(examined: UploadResult) -> dict[str, Any]:
    """Give what was found as plain values for the page, the workbooks in base 64."""
    told = examined.told
    faults = [asdict(each) | {"word": each.standing or each.severity.label} for each in told.faults]
    return asdict(told) | {
        "fit": told.fit,
        "faults": faults,
        "sheets": [{"name": name, "faults": places} for name, places in group_by_sheet(told.faults).items()],
        "books": [
            {"what": what, "name": name, "content": base64.b64encode(content).decode()}
            for what, name, content in examined.books
        ],
    }
