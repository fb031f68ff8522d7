"""What this process may use of its machine."""

import os


def usable_cores() -> int:
    """Cores that this process may run on.

    Examples
    --------
    >>> usable_cores() >= 1
    True
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
