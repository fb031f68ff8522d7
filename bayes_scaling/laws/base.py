"""What every law is: a frozen value with the priors of its coefficients and of what stands around them."""

import inspect
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Literal, Self, TypeGuard

from .coefficients import Coefficient, Slot
from .priors import Between, Fixed, Prior, from_dict, resolve, to_dict
from .shown import Option, Story, Template
from .surroundings import CHECKPOINT_SLOTS, CURVE_SLOTS, DEVIATES_BY, ITEM_SLOTS, SCORE_SLOTS

if TYPE_CHECKING:
    import pandas as pd


PriorLike = Prior | Between | float | None
#: What a law may describe: single scores, attempts of runs at problems, losses, or losses and then scores.
Observes = Literal["scores", "attempts", "losses", "stages"]

#: What completion offers of a law.
_FOR_USERS = frozenset(
    {"name", "about", "priors", "prior", "with_priors", "with_options", "chosen", "derived", "needs"}
)


@dataclass(frozen=True, init=False, repr=False)
class Law:
    """A scaling law with its priors: what is fitted, before any data.

    Made by its subclasses. Every prior is a keyword: a prior (`Normal`, `LogNormal`), an interval
    (`between`), a number to fix the parameter, or None to leave its part out; a TypeError is raised for a name that is
    no prior of the law, a ValueError for a prior that does not fit the parameter's range. All that the package knows of
    one law stands in its class.
    """

    _priors: tuple[tuple[str, Prior], ...]

    #: Its name in saved fits and in the command.
    name: ClassVar[str]
    #: What it says, in one line for lists of the laws.
    about: ClassVar[str] = ""
    observes: ClassVar[Observes] = "scores"
    #: What it is made with beside its priors.
    options: ClassVar[tuple[Option, ...]] = ()
    #: Name of the law that reads params and tokens in its stead, or FLOPs alone where it reads these itself; a law with
    #: an option "inputs" stands in for itself.
    counterpart: ClassVar[str] = "general"
    #: Place among the laws that a table may be fitted with, the simplest first: of equals the simpler one is taken, of
    #: equally simple ones the first in `known`.
    simplicity: ClassVar[int] = 5
    #: Distinct budgets that a table must have to show what the law has beside a level and an exponent.
    fewest_budgets: ClassVar[int] = 1
    #: What these budgets show, in words.
    shows: ClassVar[str] = "its shape"
    #: Numbers of `derived` that stand beside the exponent of each curve, with their headings.
    headline: ClassVar[Mapping[str, str]] = {}
    #: Whether `derived` has the exponents of A / N^a + B / D^b, from which the best size at a cost follows.
    trades_sizes: ClassVar[bool] = False
    #: Usual scatter about the law (log error), which caps what one row says of the law.
    usual_scatter: ClassVar[float] = 0.05
    #: Acceptance that the sampler aims at: where the posterior is hard to walk, shorter steps.
    target_accept: ClassVar[float] = 0.87
    #: What deviates smoothly from the law, by the start of the names of its parameters: the log error.
    deviations: ClassVar[tuple[str, ...]] = ("",)
    #: Scalars of the noise that every fit has.
    noise: ClassVar[tuple[str, ...]] = ("dispersion",)
    #: Tables on which its inference is tested by simulation.
    templates: ClassVar[tuple[Template, ...]] = (Template(),)
    #: Published runs on which it is demonstrated.
    story: ClassVar[Story] = Story()

    def __init__(self, **priors: PriorLike) -> None:
        slots = {slot.name: slot for slot in self.slots()}
        unknown = [name for name in priors if name not in slots]
        if unknown:
            raise TypeError(
                f"{type(self).__name__} has no prior named {', '.join(map(repr, unknown))}; it has {', '.join(slots)}"
            )
        resolved = {name: slot.default for name, slot in slots.items()}
        for name, value in priors.items():
            slot = slots[name]
            resolved[name] = resolve(name, value, positive=slot.positive, may_vanish=slot.may_vanish)
        object.__setattr__(self, "_priors", tuple(resolved.items()))

    def _choose(self, **chosen: str | None) -> None:
        """Keep what the law is made with beside its priors; called before `Law.__init__`, whose slots may follow."""
        for option in self.options:
            option.check(chosen[option.name])
            object.__setattr__(self, option.kept_as, chosen[option.name])

    @classmethod
    def candidates(cls, *, sizes_vary: bool) -> "tuple[Law, ...]":  # noqa: ARG003
        """Return the laws of this kind to try on a table, whose tokens per parameter move along families or do not."""
        return (cls(),)

    def resolve(self, frame: "pd.DataFrame") -> "Law":  # noqa: ARG002
        """Return the law as it reads a table: another, where what it reads depends on the table's columns.

        Parameters
        ----------
        frame : DataFrame
            Rows in the columns of `Runs.frame`.

        Returns
        -------
        Law
            What is fitted and saved; by default the law itself.
        """
        return self

    @property
    def needs(self) -> tuple[str, ...]:
        """Budgets that the law reads, out of "flops", "params" and "tokens"."""
        raise NotImplementedError

    @property
    def reads_sizes(self) -> bool:
        """Whether it reads parameters and tokens."""
        return "params" in self.needs

    @property
    def of_scores(self) -> bool:
        """Whether it leads from a budget to single scores in one step."""
        return self.observes == "scores"

    @property
    def takes_attempts(self) -> bool:
        """Whether it describes several attempts at each problem, k of them."""
        return self.observes == "attempts"

    @property
    def of_losses(self) -> bool:
        """Whether it describes losses, which have no floor and no ceiling."""
        return self.observes == "losses"

    @property
    def has_stages(self) -> bool:
        """Whether scores follow from a loss, and the loss from the budget."""
        return self.observes == "stages"

    @property
    def deviates_in(self) -> tuple[str, ...]:
        """Budgets in which the law's deviation runs."""
        raise NotImplementedError

    @property
    def coefficients(self) -> tuple[Coefficient, ...]:
        """What each curve has its own of."""
        raise NotImplementedError

    @property
    def curve_coefficients(self) -> tuple[Coefficient, ...]:
        """Those of the coefficients that `log_error` reads."""
        return self.coefficients

    @property
    def coefficient_slots(self) -> tuple[Slot, ...]:
        """Priors of the coefficients."""
        raise NotImplementedError

    @property
    def curve_slots(self) -> tuple[Slot, ...]:
        """Priors of what stands around the law."""
        return CURVE_SLOTS

    @property
    def noise_slots(self) -> tuple[Slot, ...]:
        """Priors of what lies between a curve and its measurements."""
        return SCORE_SLOTS + ITEM_SLOTS

    @property
    def checkpoint_slots(self) -> tuple[Slot, ...]:
        """Priors of what checkpoints of one training run share."""
        return CHECKPOINT_SLOTS

    @property
    def chosen(self) -> dict[str, str | None]:
        """What the law was made with beside its priors."""
        return {option.name: getattr(self, option.kept_as) for option in self.options}

    def slots(self) -> tuple[Slot, ...]:
        """Every prior of the law, in the order of its table."""
        return self.coefficient_slots + self.curve_slots + self.checkpoint_slots + self.noise_slots

    @property
    def deviates_by(self) -> tuple[str, ...]:
        """Groups of rows that share a smooth deviation of the log error."""
        return self.sharing("")

    def sharing(self, deviation: str) -> tuple[str, ...]:
        """Groups of rows that share one of the smooth `deviations`."""
        return tuple(group for group in DEVIATES_BY if not self.leaves_out(f"{deviation}{group}_amplitude"))

    def prior(self, name: str) -> Prior:
        """Return the prior of one parameter."""
        return dict(self._priors)[name]

    @property
    def priors(self) -> "pd.DataFrame":
        """Table of the priors: distribution, 5%, 50% and 95% points, and meaning; one row a parameter."""
        import pandas as pd

        rows = []
        for slot in self.slots():
            prior = self.prior(slot.name)
            low, high = prior.interval(0.9)
            rows.append((slot.name, repr(prior), low, prior.median, high, slot.meaning))
        columns = ["parameter", "prior", "5%", "50%", "95%", "meaning"]
        return pd.DataFrame(rows, columns=columns).set_index("parameter")

    def with_priors(self, **priors: PriorLike) -> Self:
        """Return the same law with some priors changed."""
        arguments: dict[str, Any] = {**self.chosen, **dict(self._priors), **priors}
        return type(self)(**arguments)

    def with_options(self, **options: str) -> Self:
        """Return the law with some options changed, and with the changed ones of its priors that it still has."""
        arguments: dict[str, Any] = {**self.chosen, **options}
        defaults = {slot.name: slot.default for slot in self.slots()}
        then = {slot.name for slot in type(self)(**arguments).slots()}
        changed = {name: prior for name, prior in self._priors if name in then and prior != defaults[name]}
        return type(self)(**arguments, **changed)

    @property
    def ceiling_power(self) -> float:
        """Power of the error at the reference budget to which the scale of ceilings is proportional; 0: not at all."""
        return 0.0

    def prior_of(self, parameter: str) -> Prior:
        """Return the prior of a hyperparameter by its name in a fit."""
        return self.prior(next(slot.name for slot in self.slots() if slot.parameter == parameter))

    def leaves_out(self, name: str) -> bool:
        """Whether the law has no such parameter, or a positive one fixed at 0: its part is left out of the model."""
        slot = next((slot for slot in self.slots() if slot.name == name), None)
        if slot is None:
            return True
        return slot.positive and self.prior(name) == Fixed(0.0)

    def inputs(self, reference: Any, rows: Any) -> dict[str, Any]:
        """Return the law's inputs for encoded rows; see the subclasses."""
        raise NotImplementedError

    def at_reference(self, pooled: Mapping[str, Any], spread: Any) -> dict[str, Any]:  # noqa: ARG002
        """Return by how much coefficients at the reference differ from what curves are pooled by (`turn`)."""
        return {}

    def terms(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return what `log_error` reads of a curve: the coefficients, and what is worked out once a curve from them."""
        return {**coefficients, **self.derived(coefficients)}

    def log_error(self, inputs: Mapping[str, Any], terms: Mapping[str, Any]) -> Any:
        """Return the law's log error, of inputs and `terms` that share a shape; see the subclasses."""
        raise NotImplementedError

    def derived(self, coefficients: Mapping[str, Any]) -> dict[str, Any]:
        """Return what a reader wants to know beside the coefficients, by name, of their shape; see the subclasses."""
        raise NotImplementedError

    def exponent_per_local(self, level: Any) -> Any:
        """Coefficient "exponent" over the local exponent of the whole error, where the log error is `level`."""
        return 1.0 + 0.0 * level

    def to_json(self) -> str:
        """Return the law and its priors as JSON."""
        priors = {name: to_dict(prior) for name, prior in self._priors}
        return json.dumps({"law": self.name, "options": self.chosen, "priors": priors})

    def __dir__(self) -> list[str]:
        """Names that who uses a law needs, for completion; all others are there too."""
        return [name for name in object.__dir__(self) if name.startswith("_") or name in _FOR_USERS]

    def __repr__(self) -> str:
        defaults = {slot.name: slot.default for slot in self.slots()}
        usual = inspect.signature(type(self)).parameters
        changed = [f"{name}={value!r}" for name, value in self.chosen.items() if value != usual[name].default]
        changed += [f"{name}={prior!r}" for name, prior in self._priors if prior != defaults[name]]
        return f"{type(self).__name__}({', '.join(changed)})"


def is_law(value: object) -> TypeGuard[Law]:
    """Whether a value is a law."""
    return isinstance(value, Law)


def priors_from_json(plain: Mapping[str, Any]) -> dict[str, Prior]:
    """Return the priors of a law's JSON form."""
    return {name: from_dict(prior) for name, prior in plain.items()}
