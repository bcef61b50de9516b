"""Use the workers of a Dask scheduler, whose limits are those of the cluster."""

from __future__ import annotations

from concurrent.futures import CancelledError
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from pipeline.output.cache import program_digest
from pipeline.output.files import WRITING
from pipeline.workers.pool import WorkerPool, pack_for_others
from schemas.errors import MistakeError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from concurrent.futures import Future

    from distributed import Client

    from pipeline.workers.pool import Result

DASK_TIMEOUT = 10
"""Seconds that a Dask scheduler may take to answer."""


class DaskWorkers(WorkerPool):
    """The workers of a Dask scheduler; their limits are those of the cluster.

    A task costs scheduler and client some milliseconds, whatever it is.
    """

    items_per_task = 8

    def __init__(self, client: Client) -> None:
        """Use the workers of a client's scheduler."""
        from distributed.scheduler import KilledWorker  # noqa: PLC0415 - an extra

        self.count = sum(client.nthreads().values())
        self.fatal = (KilledWorker, CancelledError, TimeoutError)
        self._client = client
        self._executor = client.get_executor(pure=False, retries=2)

    pack = staticmethod(pack_for_others)

    def submit(self, fn: Callable[..., Result], /, *args: Any, **kwargs: Any) -> Future[Result]:
        """Hand out a call to the workers."""
        future: Future[Result] = self._executor.submit(fn, *args, **kwargs)
        return future

    def shares(self, folder: Path) -> bool:
        """Tell whether each worker can read and write a folder where this process does: each leaves a mark in it."""
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with TemporaryDirectory(prefix=WRITING, dir=folder.resolve()) as marks:
                left = self._client.run(_leave_mark, Path(marks))
                return all(left.values()) and len(list(Path(marks).iterdir())) == len(left)
        except OSError:
            return False


def _leave_mark(folder: Path) -> bool:
    """Leave a mark in a folder, in a worker; tell whether that was possible."""
    try:
        (folder / uuid4().hex).touch()
    except OSError:
        return False
    return True


@contextmanager
def open_dask_workers(scheduler: str) -> Iterator[DaskWorkers]:
    """Open the pool of the workers of a scheduler at an address.

    Raises:
        MistakeError: the scheduler cannot be reached, has no workers, or they run another program.
    """
    with _connect(scheduler) as client:
        versions = set(client.run(program_digest).values())
        if versions != {program_digest()}:
            problem = "运行的是另一个版本的程序" if versions else "还没有启动"
            raise MistakeError(f"Dask 调度器 {scheduler} 的工作进程{problem}；请检查各台机器后重试。")
        yield DaskWorkers(client)


def _connect(scheduler: str) -> Client:
    try:
        from distributed import Client  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise MistakeError("用 Dask 需要另装组件：.venv/bin/python -m pip install 'jixiao[dask]'") from error
    try:
        return Client(scheduler, timeout=DASK_TIMEOUT)
    except (OSError, ValueError) as error:
        raise MistakeError(f"连接不上 Dask 调度器 {scheduler}；请检查地址和网络后重试。") from error
