"""Compiling without what is never used: numba's message for an assignment of the wrong shape."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numba.np.arrayobj
from numba.extending import overload

_MESSAGE = "raise_with_shape_context"  # builds the message; compiled with the first assignment of an array to a slice


@contextmanager
def short_shape_errors() -> Iterator[None]:
    """Let code compiled inside say no more than that shapes differ.

    nutpie assigns a gradient and a draw to slices. The message for those that do not fit turns shapes into text, which
    takes as long to compile as half of a model, once in a process. A numba that calls it otherwise compiles it as ever.
    """
    module: Any = numba.np.arrayobj
    usual = getattr(module, _MESSAGE, None)
    if usual is None:
        yield
        return
    setattr(module, _MESSAGE, _shapes_differ)
    try:
        yield
    finally:
        setattr(module, _MESSAGE, usual)


def _shapes_differ(of_value: Any, of_place: Any) -> None:
    raise NotImplementedError("compiled code alone calls it")


@overload(_shapes_differ)
def _compiled_shapes_differ(of_value: Any, of_place: Any) -> Callable[[Any, Any], None]:  # noqa: ARG001
    def raise_error(of_value: Any, of_place: Any) -> None:  # noqa: ARG001
        raise ValueError("the shape of a value differs from that of its place")

    return raise_error
