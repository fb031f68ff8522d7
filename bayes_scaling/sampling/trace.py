"""From nutpie's trace to arrays: draws after tuning, and the statistics that are read.

A look at a sampler that runs on converts its trace each time. nutpie's own way, by ArviZ, labels twenty statistics that
nobody reads and takes longer than R-hat and ESS of all that decides.
"""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import xarray as xr

STATISTICS = ("diverging", "energy", "depth", "n_steps", "step_size", "mean_tree_accept", "logp")


class RawSampler:
    """nutpie's sampler, started with `return_raw_trace`, that answers with trees of two groups.

    Parameters
    ----------
    running : nutpie's sampler
        In the background.
    """

    def __init__(self, running: Any) -> None:
        self._running = running

    @property
    def is_finished(self) -> bool:
        """Whether all chains have ended."""
        return bool(self._running.is_finished)

    def wait(self) -> "xr.DataTree":
        """All draws, once all chains have ended."""
        return as_tree(self._running.wait())

    def inspect(self) -> "xr.DataTree":
        """The draws so far."""
        return as_tree(self._running.inspect())

    def abort(self) -> "xr.DataTree":
        """The draws so far, of a sampler that ends here."""
        return as_tree(self._running.abort())

    def cancel(self) -> None:
        """End the sampler."""
        self._running.cancel()


def as_tree(trace: Any) -> "xr.DataTree":
    """Groups posterior and sample_stats of a trace, dims (chain, draw, ...); what a chain lacks is NaN or false."""
    import xarray as xr

    draws, statistics = trace.get_arrow_trace()
    tuning = [int(_column(batch, "tuning").sum()) for batch in statistics]
    longest = max((len(_column(batch, "tuning")) - n for batch, n in zip(statistics, tuning, strict=True)), default=0)
    found = {}
    for group, batches, wanted in (("posterior", draws, None), ("sample_stats", statistics, STATISTICS)):
        every = batches[0].column_names if batches else ()
        names = wanted or [name for name in every if not name.endswith("__")]  # PyMC's, on the sampler's scale
        together = {name: _chains([_column(b, name) for b in batches], tuning, longest) for name in names if batches}
        dims = {name: ("chain", "draw", *(f"{name}_{i}" for i in range(a.ndim - 2))) for name, a in together.items()}
        found[group] = xr.Dataset({name: (dims[name], values) for name, values in together.items()})
    return xr.DataTree.from_dict(found)


def _chains(columns: list[NDArray[Any]], tuning: list[int], longest: int) -> NDArray[Any]:
    first = columns[0]
    empty = np.nan if first.dtype.kind == "f" else 0
    values = np.full((len(columns), longest, *first.shape[1:]), empty, first.dtype)
    for chain, (column, tuned) in enumerate(zip(columns, tuning, strict=True)):
        values[chain, : max(len(column) - tuned, 0)] = column[tuned:]
    return values


def _column(batch: Any, name: str) -> NDArray[Any]:
    """A column without empty cells, shape (draws, ...)."""
    import pyarrow as pa

    found = batch.column(name)
    shape = (found.field.metadata or {}).get(b"shape", b"")
    column = pa.array(found)
    flat = column.flatten() if shape else column
    sizes = [int(size) for size in shape.decode().split(",")] if shape else []
    values: NDArray[Any] = flat.to_numpy(zero_copy_only=False)
    return values.reshape(len(column), *sizes)
