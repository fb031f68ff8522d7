"""Running independent tasks in any `concurrent.futures.Executor`; a failed or a lost one harms no other."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ProcessPoolExecutor, as_completed
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any

_LOST = (BrokenExecutor, CancelledError)


@dataclass(frozen=True)
class Failed:
    """What stands in for the result of a task that failed.

    Attributes
    ----------
    error : str
        What went wrong, in one line.
    """

    error: str


def run_tasks[Task, Result](
    function: Callable[[Task], Result],
    tasks: Sequence[Task],
    executor: Executor | None = None,
    *,
    done: Callable[[], None] = lambda: None,
) -> list[Result | Failed]:
    """Call a function on each task.

    Parameters
    ----------
    function : callable
        From the top level of a module, so that other processes find it.
    tasks : sequence
        Its arguments, which can be pickled.
    executor : concurrent.futures.Executor, optional
        Where to run; by default a process for each core, started afresh (threads that a sampler has left behind do not
        survive a fork). It is left open.
    done : callable
        Called after each task.

    Returns
    -------
    list
        Results in the order of the tasks; `Failed` for a task that raised. Tasks that a dying worker takes with it are
        run again in new processes, at last each in one of its own: one that kills its worker every time is `Failed`.
    """
    work = _Work(function, tasks, done)
    waiting = list(range(len(tasks)))
    if executor is not None:
        waiting = work.collect(executor, waiting)
    for _ in range(2 if executor is None else 1):
        if waiting:
            with process_pool(min(len(waiting), _cores())) as pool:
                waiting = work.collect(pool, waiting)
    for number in waiting:
        with process_pool(1) as pool:
            if work.collect(pool, [number]):
                work.found[number] = Failed(
                    "the worker process died; in a script, the call must stand under if __name__ == '__main__':"
                )
                done()
    return [work.found[number] for number in range(len(tasks))]


@dataclass(frozen=True)
class _Work[Task, Result]:
    """Tasks and what was found of them, by their numbers."""

    function: Callable[[Task], Result]
    tasks: Sequence[Task]
    done: Callable[[], None]
    found: dict[int, Result | Failed] = field(default_factory=dict)

    def collect(self, pool: Executor, numbers: Sequence[int]) -> list[int]:
        """Run tasks in a pool, and return those that were lost with it."""
        futures: dict[Future[Result], int] = {}
        try:
            with _ctrl_c_later() if isinstance(pool, ProcessPoolExecutor) else nullcontext():
                for number in numbers:
                    futures[pool.submit(self.function, self.tasks[number])] = number
        except _LOST:
            pass  # what was submitted may be done; the rest is lost
        try:
            for future in as_completed(futures):
                if (result := _result(future)) is not None:
                    self.found[futures[future]] = result
                    self.done()
        finally:
            for future in futures:
                future.cancel()
        return [number for number in numbers if number not in self.found]


@contextmanager
def process_pool(workers: int) -> Iterator[ProcessPoolExecutor]:
    """Open a pool of fresh processes, which end with it; at once where it is left by an error or by Ctrl-C."""
    pool = ProcessPoolExecutor(workers, mp_context=multiprocessing.get_context("spawn"), initializer=_leave_ctrl_c)
    try:
        yield pool
    except BaseException:
        for process in list((pool._processes or {}).values()):
            process.terminate()  # a task may go on for minutes
        pool.shutdown(cancel_futures=True)
        raise
    pool.shutdown()


def _leave_ctrl_c() -> None:
    """Leave Ctrl-C, which reaches every process of a terminal, to the process that ends this one."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _ctrl_c_later() -> Iterator[None]:
    """Put off Ctrl-C, also in processes that are started meanwhile: they would print how far they had got."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def in_one_line(error: BaseException) -> str:
    r"""Kind and message of an error in one line.

    Examples
    --------
    >>> in_one_line(ValueError("no rows;\n  expected some"))
    'ValueError: no rows; expected some'
    """
    return " ".join(f"{type(error).__name__}: {error}".split())


def _result(future: Future[Any]) -> Any:
    """Result of a future, `Failed` where it raised, None where its worker was lost."""
    try:
        return future.result()
    except _LOST:
        return None
    except Exception as error:
        return Failed(in_one_line(error))


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def progress(total: int, shown: bool) -> Iterator[Callable[[], None]]:
    """Progress bar over tasks on stderr, or nothing; yields what advances it."""
    if not shown:
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("fitting", total=total)
        yield lambda: bar.advance(task)
