"""``jixiao serve``: serve a page on this machine where forms are checked before they are sent."""

from __future__ import annotations

import importlib.util
import ipaddress
import socket
import sys
from contextlib import suppress
from typing import TYPE_CHECKING

from pipeline.cli.options import add_output, add_policy, add_year, load_answers, load_chosen_policy
from pipeline.cli.parser import WRONG_USAGE, Parser, parse_int
from schemas.errors import MistakeError

if TYPE_CHECKING:
    import argparse

NEEDED = ("starlette", "uvicorn")
"""The packages of the extra ``web``."""
LAST_PORT = 65535
CONNECTIONS = 64
ENDING = 5
"""Seconds that requests under way have to finish when the page is stopped."""


def make_parser() -> Parser:
    """Make the parser of the command."""
    made = Parser(
        "serve",
        "在浏览器里检查报表、查看全县情况（本机网页）",
        detail="文件检查后即丢弃，不保存，也不连接外网。按 Ctrl-C 结束。",
        examples=("serve", "serve --port 8001 -o 结果"),
        ends={0: "按 Ctrl-C 结束", WRONG_USAGE: "没有安装所需组件，或地址、端口不能用"},
    )
    made.add_argument("--host", default="127.0.0.1", metavar="地址", help="默认 127.0.0.1，只有本机能打开")
    made.add_argument("--port", type=parse_int, default=8000, metavar="端口", help="默认 8000")
    add_output(made, "output", "结果夹", "评价结果在这里")
    add_year(made, "results")
    add_policy(made)
    made.set_defaults(command=_run)
    return made


def _run(options: argparse.Namespace) -> int:
    if not all(map(importlib.util.find_spec, NEEDED)):
        raise MistakeError(f"网页检查需要另装两个组件：.venv/bin/python -m pip install {' '.join(NEEDED)}")
    chosen, answers = load_chosen_policy(options), load_answers(options)
    listening = _listening(options.host, options.port)
    import uvicorn

    from pipeline.desk.check_processes import CheckProcesses
    from pipeline.web.app import MAX_CHECKED_AT_ONCE, make_app
    from pipeline.web.timed_protocol import TimedProtocol

    host, port = listening.getsockname()[:2]
    if not ipaddress.ip_address(host).is_loopback:
        print("注意：同一网络里的其他人也能打开本页、看到全县情况，传输没有加密。", file=sys.stderr)
    shown = f"[{options.host}]" if ":" in options.host else options.host
    print(f"已启动，请用浏览器打开 http://{shown}:{port}/\n按 Ctrl+C 结束。", flush=True)
    processes = CheckProcesses(MAX_CHECKED_AT_ONCE)
    config = uvicorn.Config(
        make_app(chosen, options.output, processes, options.host, answers),
        http=TimedProtocol,
        log_level="warning",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        ws="none",
        lifespan="off",
        limit_concurrency=CONNECTIONS,
        timeout_graceful_shutdown=ENDING,
    )
    with listening, processes, suppress(KeyboardInterrupt):
        processes.start()
        uvicorn.Server(config).run(sockets=[listening])
    return 0


def _listening(host: str, port: int) -> socket.socket:
    """Listen at one address; a page that answered to every host name would be open to pages of other sites."""
    if not 0 <= port <= LAST_PORT:  # getaddrinfo would take it modulo 65536
        raise MistakeError(f"端口应在 0 到 {LAST_PORT} 之间，例如 --port 8001。")
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        if ipaddress.ip_address(address[0]).is_unspecified:
            raise MistakeError(f"请写明本机的一个地址，例如 --host 192.168.1.5，而不是 {host}。")
        return socket.create_server((str(address[0]), int(address[1])), family=family)
    except (OSError, UnicodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise MistakeError(f"不能在 {host} 的端口 {port} 上启动（{why}）；请换一个端口，例如 --port 8001。") from error
