"""Fits that earlier versions saved, as this version reads them: with the same numbers."""

from typing import TYPE_CHECKING

from ..laws.base import Law

if TYPE_CHECKING:
    import xarray as xr

_JITTER = "chance_jitter"
_ATTEMPTS = ("k", "n_samples")


def in_present_form(tree: "xr.DataTree", law: Law) -> "xr.DataTree":
    """Return the groups of a fit that an earlier version saved, and its law as it was read, as this one makes them."""
    return _with_every_coefficient(_with_jitter_of_each(_with_constants_apart(tree)), law)


def _with_every_coefficient(stored: "xr.DataTree", law: Law) -> "xr.DataTree":
    """A law may have had fewer coefficients once, as that of pass@k had no turn: their priors hold them at nothing."""
    import xarray as xr

    posterior = stored["posterior"].to_dataset()
    lacking = [c for c in law.coefficients if c.name not in posterior]
    if not lacking:
        return stored
    for coefficient in lacking:
        value = law.prior(coefficient.name).median
        for name in ("{}", "{}_benchmark", "{}_population"):
            like = name.format("level")
            if like in posterior:
                posterior[name.format(coefficient.name)] = xr.full_like(posterior[like], value)
    found = stored.copy()
    found["posterior"] = xr.DataTree(posterior)
    return found


def _with_constants_apart(tree: "xr.DataTree") -> "xr.DataTree":
    """Coordinates of single variables once stood on the whole posterior, and k or n_samples among what was observed."""
    import xarray as xr

    posterior, observed, constant = (
        tree[name].to_dataset() for name in ("posterior", "observed_data", "constant_data")
    )
    extra = [name for name in posterior.coords if name not in posterior.dims]
    attempts = [name for name in _ATTEMPTS if name in observed.data_vars]
    if not extra and not attempts:
        return tree
    moved = {name: posterior[name].variable for name in extra if "curve" in posterior[name].dims}
    moved |= {name: observed[name].variable for name in attempts}
    constant = constant.assign(moved)
    if "curve" in constant.dims:
        constant = constant.assign_coords(curve=posterior["curve"].variable)
    present = tree.copy()
    present["posterior"] = xr.DataTree(posterior.drop_vars(extra))
    present["observed_data"] = xr.DataTree(observed.drop_vars(attempts))
    present["constant_data"] = xr.DataTree(constant)
    return present


def _with_jitter_of_each(stored: "xr.DataTree") -> "xr.DataTree":
    """The extra scatter at chance was one number for all benchmarks once: it becomes that of each of them."""
    import xarray as xr

    changed = {}
    for group, tree in stored.children.items():
        if _JITTER not in tree.dataset or "benchmark" in tree[_JITTER].dims or "benchmark" not in tree.dataset.dims:
            continue
        one = tree[_JITTER]
        each = one.expand_dims(benchmark=tree["benchmark"], axis=-1)
        changed[group] = tree.to_dataset().assign({f"{_JITTER}_population": one, _JITTER: each})
    if not changed:
        return stored
    found = stored.copy()
    for group, dataset in changed.items():
        found[group] = xr.DataTree(dataset)
    return found
