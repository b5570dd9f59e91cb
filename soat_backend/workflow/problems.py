"""Collecting everything wrong with a workflow, so that one run of the command shows all of it."""

from __future__ import annotations

from ..support.errors import WorkflowError

MAX_LISTED = 20


class Problems:
    """Sentences about what is wrong, each naming a node; raised together."""

    def __init__(self) -> None:
        self._texts: dict[str, None] = {}

    def add(self, text: str) -> None:
        """Note a problem, once."""
        self._texts.setdefault(text)

    @property
    def are_many(self) -> bool:
        """Whether there are more than will be shown."""
        return len(self._texts) >= MAX_LISTED

    @property
    def texts(self) -> list[str]:
        """All of them, in order."""
        return list(self._texts)

    def raise_if_any(self) -> None:
        """End the work if anything was noted.

        Raises:
            WorkflowError: One sentence a problem; all of them in `values["problems"]`.
        """
        if not self.texts:
            return
        if len(self.texts) == 1:
            raise WorkflowError(f"The workflow can't run: {self.texts[0]}", problems=self.texts)
        lines = "".join(f"\n  - {text}" for text in self.texts[:MAX_LISTED])
        more = f"\n  - and {len(self.texts) - MAX_LISTED} more" if len(self.texts) > MAX_LISTED else ""
        raise WorkflowError(f"The workflow can't run, for {len(self.texts)} reasons:{lines}{more}", problems=self.texts)
