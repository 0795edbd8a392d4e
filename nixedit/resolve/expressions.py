"""What each kind of expression gives, as rules of the evaluator."""

from __future__ import annotations

import posixpath
from collections.abc import Callable

from nixedit.grammar import SETS, F, K
from nixedit.resolve.evaluate import Evaluator
from nixedit.resolve.values import (
    FunctionValue,
    ListValue,
    Literal,
    Origin,
    Part,
    PathValue,
    SetValue,
    Unknown,
    Value,
)
from nixedit.syntax.layers import Layer, Place
from nixedit.syntax.nodes import attrs, elements, field, static_name, string_value
from nixedit.syntax.scope import Scope
from nixedit.text import decode


def _path_of(file: str, text: str) -> str | None:
    """The path of the flake that a path literal in a file means; None outside of the flake."""
    if text.startswith(("/", "~")):
        return None
    joined = posixpath.normpath(posixpath.join(posixpath.dirname(file), text))
    return None if joined.startswith("..") else joined


def _variable(evaluator: Evaluator, origin: Origin) -> Value:
    scope = Scope.of(origin.snapshot)
    name = scope.name(origin.node) or ""
    return evaluator.name(origin, name, scope.resolve(origin.node))


def _set(evaluator: Evaluator, origin: Origin) -> Value:
    return evaluator.written(origin, (Layer((Place(origin.node, ()),)),))


def _select(evaluator: Evaluator, origin: Origin) -> Value:
    value = evaluator.evaluate(origin.at(field(origin.node, F.EXPRESSION)))
    for attr in attrs(field(origin.node, F.ATTRPATH)):
        name = static_name(attr, origin.snapshot.source.data)
        if name is None:
            name = evaluator.text_of_attr(origin, attr)
        found = None if name is None else evaluator.select(value, name, origin)
        if found is None:
            default = origin.node.child_by_field_id(F.DEFAULT)
            if default is not None and name is not None and isinstance(value, SetValue):
                return evaluator.evaluate(origin.at(default))
            return Unknown(origin, f"there is no `{name}`" if name else "a name is computed here")
        value = found
    return value


def _list(evaluator: Evaluator, origin: Origin) -> Value:
    inside = [evaluator.later(origin.at(element)) for element in elements(origin.node)]
    return ListValue(origin, (Part(inside, origin),))


def _string(evaluator: Evaluator, origin: Origin) -> Value:
    text = string_value(origin.node, origin.snapshot.source.data)
    if text is not None:
        return Literal(origin, text)
    if origin.node.kind_id != K.STRING:
        return Unknown(origin)
    return _pieces(evaluator, origin)


def _pieces(evaluator: Evaluator, origin: Origin) -> Value:
    """A string with interpolations whose values are all known."""
    result = []
    for piece in origin.node.children[1:-1]:
        if piece.kind_id != K.INTERPOLATION:
            text = decode(origin.snapshot.text(piece))
            if piece.kind_id != K.STRING_FRAGMENT:
                return Unknown(origin)
            result.append(text)
            continue
        value = evaluator.text(origin.at(field(piece, F.EXPRESSION)))
        if value is None:
            return Unknown(origin)
        result.append(value)
    return Literal(origin, "".join(result))


def _number(evaluator: Evaluator, origin: Origin) -> Value:
    text = origin.snapshot.text(origin.node)
    return Literal(origin, int(text) if origin.node.kind_id == K.INTEGER else float(text))


def _path(evaluator: Evaluator, origin: Origin) -> Value:
    pieces = []
    for piece in origin.node.named_children:
        if piece.kind_id == K.INTERPOLATION:
            value = evaluator.text(origin.at(field(piece, F.EXPRESSION)))
            if value is None:
                return Unknown(origin, "the path is computed")
            pieces.append(value)
        else:
            pieces.append(decode(origin.snapshot.text(piece)))
    return PathValue(origin, _path_of(origin.file, "".join(pieces)))


def _function(evaluator: Evaluator, origin: Origin) -> Value:
    return FunctionValue(origin)


def _apply(evaluator: Evaluator, origin: Origin) -> Value:
    function = evaluator.evaluate(origin.at(field(origin.node, F.FUNCTION)))
    return evaluator.apply(function, evaluator.later(origin.at(field(origin.node, F.ARGUMENT))), origin)


def _binary(evaluator: Evaluator, origin: Origin) -> Value:
    operator = field(origin.node, F.OPERATOR).type
    left, right = origin.at(field(origin.node, F.LEFT)), origin.at(field(origin.node, F.RIGHT))
    if operator == "//":
        return evaluator.merged(evaluator.evaluate(left), evaluator.evaluate(right), origin)
    if operator == "++":
        return ListValue(origin, (*_parts(evaluator, left), *_parts(evaluator, right)))
    if operator == "+":
        return _sum(evaluator, origin, evaluator.evaluate(left), evaluator.evaluate(right))
    if operator == "|>":
        return evaluator.apply(evaluator.evaluate(right), evaluator.later(left), origin)
    if operator == "<|":
        return evaluator.apply(evaluator.evaluate(left), evaluator.later(right), origin)
    if operator in ("&&", "||"):
        return _logic(evaluator, origin, operator)
    if operator in ("==", "!="):
        one, two = evaluator.evaluate(left), evaluator.evaluate(right)
        if isinstance(one, Literal) and isinstance(two, Literal):
            return Literal(origin, (one.value == two.value) == (operator == "=="))
    return Unknown(origin)


def _logic(evaluator: Evaluator, origin: Origin, operator: str) -> Value:
    decided = operator == "||"  # what the left side must be for the right side not to matter
    left = evaluator.evaluate(origin.at(field(origin.node, F.LEFT)))
    if isinstance(left, Literal) and left.value is decided:
        return Literal(origin, decided)
    right = evaluator.evaluate(origin.at(field(origin.node, F.RIGHT)))
    if isinstance(left, Literal) and isinstance(right, Literal) and isinstance(right.value, bool):
        return Literal(origin, right.value)
    return Unknown(origin)


def _parts(evaluator: Evaluator, origin: Origin) -> tuple[Part, ...]:
    value = evaluator.evaluate(origin)
    if isinstance(value, ListValue):
        return tuple(value.parts)
    return (Part((), value.origin or origin, known=False),)


def _sum(evaluator: Evaluator, origin: Origin, left: Value, right: Value) -> Value:
    text = right.value if isinstance(right, Literal) else None
    if not isinstance(text, str):
        return Unknown(origin)
    if isinstance(left, Literal) and isinstance(left.value, str):
        return Literal(origin, left.value + text)
    if isinstance(left, PathValue) and left.path is not None:
        return PathValue(origin, posixpath.normpath(f"{left.path}/{text}"))
    return Unknown(origin)


def _if(evaluator: Evaluator, origin: Origin) -> Value:
    condition = evaluator.evaluate(origin.at(field(origin.node, F.CONDITION)))
    if isinstance(condition, Literal) and isinstance(condition.value, bool):
        chosen = F.CONSEQUENCE if condition.value else F.ALTERNATIVE
        return evaluator.evaluate(origin.at(field(origin.node, chosen)))
    return Unknown(origin, "it depends on a condition")


def _has(evaluator: Evaluator, origin: Origin) -> Value:
    value = evaluator.evaluate(origin.at(field(origin.node, F.EXPRESSION)))
    for attr in attrs(field(origin.node, F.ATTRPATH)):
        name = static_name(attr, origin.snapshot.source.data)
        if not isinstance(value, SetValue) or name is None:
            return Unknown(origin)
        found = value.get(name)
        if found is None:
            return Literal(origin, False)
        value = found
    return Unknown(origin) if isinstance(value, Unknown) else Literal(origin, True)


def _not(evaluator: Evaluator, origin: Origin) -> Value:
    value = evaluator.evaluate(origin.at(field(origin.node, F.ARGUMENT)))
    if isinstance(value, Literal) and isinstance(value.value, bool):
        return Literal(origin, not value.value)
    return Unknown(origin)


# What only gives the value of an inner expression.
BODY = {K.PARENTHESIZED: F.EXPRESSION, K.LET: F.BODY, K.WITH: F.BODY, K.ASSERT: F.BODY}
RULES: dict[int, Callable[[Evaluator, Origin], Value]] = {
    K.VARIABLE: _variable,
    K.IDENTIFIER: _variable,
    K.SELECT: _select,
    K.LIST: _list,
    K.STRING: _string,
    K.INDENTED_STRING: _string,
    K.INTEGER: _number,
    K.FLOAT: _number,
    K.PATH: _path,
    K.FUNCTION: _function,
    K.APPLY: _apply,
    K.BINARY: _binary,
    K.IF: _if,
    K.HAS_ATTR: _has,
    K.UNARY: _not,
    **dict.fromkeys(SETS, _set),
}
