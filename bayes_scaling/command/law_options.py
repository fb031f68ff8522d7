"""Options that are read off the laws: which there are, and what each is made with."""

import inspect
from collections.abc import Callable, Iterable
from copy import copy
from functools import update_wrapper
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from .options import refuse

if TYPE_CHECKING:
    from ..laws.base import Law


#: Annotation of a command's parameter that is a law, made by ``--law`` and the options of laws.
ChosenLaw = Annotated[Any, "a law"]


class ReadsLaws:
    """A command whose options and help follow from the laws; they are read when the command line is.

    A parameter annotated with `ChosenLaw` gets the law. In help, ``{laws}`` are their names, ``{templates}`` those of
    the tables they are simulated on.
    """

    __name__: str

    def __init__(self, command: Callable[..., None]) -> None:
        update_wrapper(self, command)
        self.__annotations__: dict[str, Any] = {}  # the signature has them
        self._command = command

    def __call__(self, **given: Any) -> None:
        """Run the command, with the law in place of its options."""
        for name, one in inspect.signature(self._command).parameters.items():
            if one.annotation == ChosenLaw:
                given[name] = _chosen(given.pop("law"), {option: given.pop(option) for option in _takers()})
        self._command(**given)

    @property
    def __signature__(self) -> inspect.Signature:
        signature = inspect.signature(self._command)
        parameters: list[inspect.Parameter] = []
        for one in signature.parameters.values():
            parameters += _law_parameters(one.kind) if one.annotation == ChosenLaw else [one]
        return signature.replace(parameters=[_told(one) for one in parameters])


def check_law(name: str) -> None:
    """Refuse a name that is no law's."""
    from ..laws import LAWS

    if name not in LAWS:
        refuse("--law", f"{name!r} is no law; known are {', '.join(LAWS)}")


def laws_epilog() -> str:
    """Return a paragraph of help with one line on each law."""
    from ..laws import LAWS

    width = max(map(len, LAWS)) + 2
    return "\n".join(["", "\b", "Laws:", *(f"  {name:<{width}}{law.about}" for name, law in LAWS.items()), ""])


def _takers() -> dict[str, list[str]]:
    """Names of the laws that take each option of the command."""
    from ..laws import LAWS

    takers: dict[str, list[str]] = {}
    for name, law in LAWS.items():
        for option in law.options:
            if option.help:
                takers.setdefault(option.name, []).append(name)
    return takers


def _chosen(name: str, given: dict[str, str | None]) -> "Law":
    """Return the law of the command's words."""
    from ..laws import LAWS

    check_law(name)
    chosen: dict[str, Any] = {option: value for option, value in given.items() if value is not None}
    for option, value in chosen.items():
        takers = _takers()[option]
        if name not in takers:
            refuse(_flag(option), f"{value!r} goes with --law {_listed(takers)}, not with --law {name}")
    return LAWS[name](**chosen)


def _law_parameters(kind: Any) -> list[inspect.Parameter]:
    from ..laws import DEFAULT, LAWS

    law = Annotated[str, typer.Option("--law", help="The law to fit: {laws}.")]
    parameters = [inspect.Parameter("law", kind, default=DEFAULT, annotation=law)]
    options = {option.name: option for law in LAWS.values() for option in law.options}
    for name, takers in _takers().items():
        option = options[name]
        help_ = f"{option.help}; with --law {_listed(takers)}{' only' if len(takers) == 1 else ''}"
        help_ += f"{_left_to_the_table(name)}."
        value: Any = Literal[option.choices] if option.choices else str
        info = typer.Option(_flag(name), help=help_, metavar=option.metavar or None)
        parameters.append(inspect.Parameter(name, kind, default=None, annotation=Annotated[value | None, info]))
    return parameters


def _left_to_the_table(name: str) -> str:
    """Say of which laws the columns of the table choose where an option is not given."""
    from ..laws import LAWS

    laws = [law.name for law in LAWS.values() for option in law.options if option.name == name and option.by_table]
    return f"; of {_listed(laws)} by default what the columns of the table allow" if laws else ""


def _flag(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def _told(one: inspect.Parameter) -> inspect.Parameter:
    """Return a parameter whose help names the laws or the templates."""
    from ..laws import LAWS, templates

    told = []
    for info in getattr(one.annotation, "__metadata__", ()):
        if "{" in (info.help or ""):
            info = copy(info)
            info.help = info.help.format(laws=_listed(LAWS), templates=_listed(templates()))
        told.append(info)
    return one.replace(annotation=Annotated[one.annotation.__origin__, *told]) if told else one


def _listed(names: Iterable[str]) -> str:
    *first, last = names
    return " or ".join([*([", ".join(first)] if first else []), last])
