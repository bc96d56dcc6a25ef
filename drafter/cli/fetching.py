"""The fetching of the embedded model as a person sees it: a bar on a terminal, anywhere else a few plain lines."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, TaskID, TextColumn, TimeRemainingColumn, TransferSpeedColumn
from rich.progress import Progress as Bar

from drafter.cli.language import _
from drafter.llm.model_file import OnProgress, Progress, Stage

PLAIN_STEP_PERCENT = 20


@contextmanager
def shown_progress(console: Console) -> Iterator[OnProgress]:
    """Give a listener that shows size, speed and time left for as long as the block runs.

    Args:
        console: where to; a bar if it is a terminal, otherwise one line each fifth of the way.
    """
    labels = {
        Stage.WAITING: _("Waiting for another process that is fetching the model"),
        Stage.VERIFYING: _("Verifying the model"),
        Stage.DOWNLOADING: _("Fetching the model"),
        Stage.JOINING: _("Joining its parts"),
    }
    if not console.is_terminal:
        yield _PlainLines(console, labels)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), DownloadColumn(), TransferSpeedColumn())
    with Bar(*columns, TimeRemainingColumn(), console=console) as bar:
        yield _Bars(bar, labels)


class _Bars:
    def __init__(self, bar: Bar, labels: dict[Stage, str]) -> None:
        self._bar = bar
        self._labels = labels
        self._tasks: dict[Stage, TaskID] = {}

    def __call__(self, progress: Progress) -> None:
        task = self._tasks.get(progress.stage)
        if task is None:
            total = None if progress.stage is Stage.WAITING else progress.total
            # Starting at what is already here keeps it out of the speed.
            task = self._bar.add_task(self._labels[progress.stage], total=total, completed=progress.done)
            self._tasks[progress.stage] = task
        else:
            self._bar.update(task, completed=progress.done)


class _PlainLines:
    def __init__(self, console: Console, labels: dict[Stage, str]) -> None:
        self._console = console
        self._labels = labels
        self._shown: dict[Stage, int] = {}

    def __call__(self, progress: Progress) -> None:
        percent = 100 * progress.done // max(progress.total, 1)
        step = percent - percent % PLAIN_STEP_PERCENT
        if self._shown.get(progress.stage, -1) >= step:
            return
        self._shown[progress.stage] = step
        line = self._labels[progress.stage]
        if progress.stage is not Stage.WAITING:
            line += f": {step} % ({progress.done / 1e6:.0f} / {progress.total / 1e6:.0f} MB)"
        self._console.print(line, markup=False, highlight=False, soft_wrap=True)
