"""What a node class declares: its inputs, outputs and function, read once from ComfyUI's class API."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from ..support.errors import WorkflowError, choices_text

WIDGET_TYPES = ("INT", "FLOAT", "STRING", "BOOLEAN", "COMBO")
CONTROL_VALUES = ("fixed", "increment", "decrement", "randomize", "increment-wrap")
_TRUE_WORDS = dict.fromkeys(("true", "yes", "on", "1"), True)
_BOOLEAN_WORDS = _TRUE_WORDS | dict.fromkeys(("false", "no", "off", "0"), False)


@dataclass(frozen=True)
class InputSpec:
    """One declared input: its type ("COMBO" for a list of choices), options and whether it must be given."""

    name: str
    type: str
    options: Mapping[str, Any] = field(default_factory=dict)
    required: bool = True
    choices: tuple[Any, ...] | None = None

    @property
    def is_widget(self) -> bool:
        """Whether the user types the value into the node, as opposed to linking it."""
        return self.type in WIDGET_TYPES and not self.options.get("forceInput")

    @property
    def default(self) -> Any:
        """What ComfyUI's frontend puts there when nothing is saved."""
        if "default" in self.options:
            return self.options["default"]
        if self.type == "COMBO":
            return self.choices[0] if self.choices else None
        return {"INT": 0, "FLOAT": 0.0, "STRING": "", "BOOLEAN": False}.get(self.type)

    @property
    def control_slots(self) -> int:
        """How many extra values (control_after_generate, and a combo's filter) the frontend saves after this one."""
        controlled = self.options.get("control_after_generate")
        if controlled is None:
            controlled = self.type == "INT" and self.name in ("seed", "noise_seed")
        if not controlled:
            return 0
        return 2 if self.type == "COMBO" else 1


@dataclass(frozen=True)
class NodeType:
    """A node class as the runner sees it."""

    class_type: str
    cls: type
    inputs: Mapping[str, InputSpec]
    hidden: Mapping[str, str]
    return_types: tuple[Any, ...]
    is_output: bool

    @classmethod
    def of(cls, class_type: str, node_class: type) -> NodeType:
        """Read the declarations of a node class."""
        declared = node_class.INPUT_TYPES()  # type: ignore[attr-defined]
        inputs = {}
        for category in ("required", "optional"):
            for name, entry in declared.get(category, {}).items():
                inputs[name] = _input_spec(name, entry, required=category == "required")
        # Nodes that take any number of wires declare the first few: the class API has no inputs that grow.
        if grows := getattr(node_class, "GROWS", None):
            inputs |= {name: _input_spec(name, grows.socket, required=False) for name in grows.names()}
        return cls(
            class_type,
            node_class,
            inputs,
            dict(declared.get("hidden", {})),
            tuple(getattr(node_class, "RETURN_TYPES", ())),
            getattr(node_class, "OUTPUT_NODE", False) is True,
        )

    @property
    def validated_by_class(self) -> tuple[frozenset[str], bool]:
        """Names taken by the class's VALIDATE_INPUTS, and whether it takes any name."""
        function = getattr(self.cls, "VALIDATE_INPUTS", None)
        if function is None:
            return frozenset(), False
        signature = inspect.getfullargspec(function)
        return frozenset([*signature.args, *signature.kwonlyargs]), signature.varkw is not None


class NodeCatalog(Mapping[str, NodeType]):
    """The known node types by class type; each class is asked for its inputs once.

    Args:
        node_classes: Node classes by class type.
        display_names: What the frontend calls them where a workflow gives no title.
    """

    def __init__(self, node_classes: Mapping[str, type], display_names: Mapping[str, str] | None = None) -> None:
        self._classes = node_classes
        self.display_names = display_names or {}
        self._types: dict[str, NodeType] = {}

    def __getitem__(self, class_type: str) -> NodeType:
        if class_type not in self._types:
            try:
                self._types[class_type] = NodeType.of(class_type, self._classes[class_type])
            except OSError as error:
                raise WorkflowError(f"The node {class_type} can't list the files it offers: {error}.") from error
        return self._types[class_type]

    def __contains__(self, class_type: object) -> bool:
        return class_type in self._classes

    def __iter__(self) -> Iterator[str]:
        return iter(self._classes)

    def __len__(self) -> int:
        return len(self._classes)


def convert(spec: InputSpec, value: Any) -> Any:
    """A value as its input's type, the way ComfyUI converts it but without losing anything silently.

    Raises:
        ValueError: With the reason, fit for an error message.
    """
    if spec.type == "COMBO":
        return _choice(spec, value)
    if value is None:
        raise ValueError("it is empty (null or NaN in the file)")
    if spec.type in ("INT", "FLOAT"):
        number = _number(value)
        if spec.type == "FLOAT":
            return number if isinstance(number, float) else _finite_float(number)
        if number != int(number):
            raise ValueError(f"expected a whole number, got {value!r}")
        return int(number)
    if spec.type == "BOOLEAN":
        word = _BOOLEAN_WORDS.get(str(value).strip().lower())
        if word is None:
            raise ValueError(f"expected true or false, got {shorten(value)}")
        return word
    if spec.type == "STRING":
        return value if isinstance(value, str) else str(value)
    return value


def parse_text(spec: InputSpec, text: str) -> Any:
    """A value typed on the command line as its input's type.

    Raises:
        ValueError: With the reason, fit for an error message.
    """
    if spec.type == "COMBO":
        for choice in spec.choices or ():
            if str(choice) == text:
                return choice
        return text
    return convert(spec, text)


def shorten(value: Any, limit: int = 80) -> str:
    """A value's repr short enough for a message."""
    text = repr(value)
    return text if len(text) <= limit else text[: limit - 3] + "..."


def _input_spec(name: str, entry: Any, *, required: bool) -> InputSpec:
    declared_type, options = (entry[0], entry[1] if len(entry) > 1 else {}) if entry else ("*", {})
    if isinstance(declared_type, (list, tuple)):
        return InputSpec(name, "COMBO", options, required, tuple(declared_type))
    choices = tuple(options.get("options", ())) if declared_type == "COMBO" else None
    return InputSpec(name, declared_type, options, required, choices)


def _choice(spec: InputSpec, value: Any) -> Any:
    names_only = all(isinstance(choice, str) for choice in spec.choices or ())
    if isinstance(value, str) or not names_only or spec.options.get("multiselect"):
        return value
    known = choices_text(spec.choices) if spec.choices else "its list is empty"
    if value is None:
        raise ValueError(f"nothing is chosen; {known}")
    raise ValueError(f"expected a name in quotes, got {shorten(value)}; {known}")


def _number(value: Any) -> int | float:
    if isinstance(value, str):
        text = value.strip()
        try:
            value = int(text)
        except ValueError:
            try:
                value = float(text)
            except ValueError:
                raise ValueError(f"expected a number, got {shorten(value)}") from None
    if not isinstance(value, (int, float)):
        raise ValueError(f"expected a number, got {shorten(value)}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"expected a finite number, got {value}")
    return value


def _finite_float(number: int) -> float:
    try:
        return float(number)
    except OverflowError:
        raise ValueError("the number is too large") from None
