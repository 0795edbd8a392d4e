"""What each kind of expression gives, as rules of the evaluator."""

from __future__ import annotations

import posixpath
from collections.abc import Callable
from typing import TYPE_CHECKING

from tree_sitter import Node

from nixedit.attrpath import unescape
from nixedit.grammar import SETS, F, K
from nixedit.resolve import written
from nixedit.resolve.library import in_nix
from nixedit.resolve.paths import joined, of_two, path_of, same
from nixedit.resolve.values import (
    CopiedPath,
    External,
    FunctionValue,
    ListValue,
    Literal,
    Origin,
    Part,
    PathValue,
    SetValue,
    Unknown,
    Value,
    list_of,
    more_of,
)
from nixedit.syntax.layers import Layer, Place, core
from nixedit.syntax.nodes import attrs, elements, field, static_name, string_value
from nixedit.syntax.scope import Scope
from nixedit.text import decode

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

_COPIED = "a path is copied into the store here"
_LARGEST = 2**63 - 1


def _variable(evaluator: Evaluator, origin: Origin) -> Value:
    scope = Scope.of(origin.snapshot)
    name = scope.name(origin.node) or ""
    return evaluator.name(origin, name, scope.resolve(origin.node))


def _set(evaluator: Evaluator, origin: Origin) -> Value:
    return written.merged(evaluator, origin, (Layer((Place(origin.node, ()),)),))


def _select(evaluator: Evaluator, origin: Origin) -> Value:
    value = evaluator.evaluate(origin.at(field(origin.node, F.EXPRESSION)))
    default = origin.node.child_by_field_id(F.DEFAULT)
    for attr in attrs(field(origin.node, F.ATTRPATH)):
        name = _attr_name(evaluator, origin, attr)
        if name is None:
            return Unknown(origin, "a name is computed here")
        there = evaluator.has(value, name)
        if default is not None and not there:
            other = evaluator.evaluate(origin.at(default))
            if there is None and isinstance(value, External) and _is_nothing(other):
                return External(
                    origin, (*value.names, name)
                )  # if an input has nothing here, it brings nothing
            return Unknown(origin, f"there may be no `{name}`") if there is None else other
        found = evaluator.select(value, name, origin)
        if found is None:
            return Unknown(origin, f"there is no `{name}`")
        value = found
    return value


def _is_nothing(value: Value) -> bool:
    """Whether a value is an empty set or list."""
    if isinstance(value, SetValue):
        return value.complete and not value.attributes
    return isinstance(value, ListValue) and value.known and not any(part.elements for part in value.parts)


def _attr_name(evaluator: Evaluator, origin: Origin, attr: Node) -> str | None:
    name = static_name(attr, origin.snapshot.source.data)
    return written.text_of(evaluator, origin, attr) if name is None else name


def _list(evaluator: Evaluator, origin: Origin) -> Value:
    inside = [evaluator.later(origin.at(element)) for element in elements(origin.node)]
    place = None if origin.file == in_nix.FILE else origin
    return ListValue(origin, (Part(inside, place),))


def _string(evaluator: Evaluator, origin: Origin) -> Value:
    text = string_value(origin.node, origin.snapshot.source.data)
    if text is not None:
        return Literal(origin, text)
    if origin.node.kind_id != K.STRING:
        return Unknown(origin)
    return _pieces(evaluator, origin)


def _pieces(evaluator: Evaluator, origin: Origin) -> Value:
    """A string with interpolations whose values are all known."""
    result: Value = Literal(origin, "")
    for piece in origin.node.children[1:-1]:
        if piece.kind_id == K.INTERPOLATION:
            value = evaluator.evaluate(origin.at(field(piece, F.EXPRESSION)))
            if isinstance(value, PathValue) and not value.is_text:
                if value.path is None:
                    return Unknown(origin, _COPIED)
                value = CopiedPath(origin, _COPIED, original=value.path)
        else:
            value = Literal(None, unescape(decode(origin.snapshot.text(piece))))
        result = joined(result, value, origin)
    return result


def _number(evaluator: Evaluator, origin: Origin) -> Value:
    text = origin.snapshot.text(origin.node)
    if origin.node.kind_id == K.INTEGER:
        return Literal(origin, int(text)) if int(text) <= _LARGEST else Unknown(origin)
    return Literal(origin, float(text))


def _path(evaluator: Evaluator, origin: Origin) -> Value:
    text = _path_text(evaluator, origin)
    if text is None:
        return Unknown(origin, "the path is computed")
    return PathValue(origin, path_of(origin.file, text))


def _path_text(evaluator: Evaluator, origin: Origin) -> str | None:
    """The text of a path whose interpolations are all known."""
    pieces = []
    for piece in origin.node.named_children:
        if piece.kind_id == K.INTERPOLATION:
            value = evaluator.text(origin.at(field(piece, F.EXPRESSION)))
            if value is None:
                return None
            pieces.append(value)
        else:
            pieces.append(decode(origin.snapshot.text(piece)))
    return "".join(pieces)


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
        return list_of(origin, (*_parts(evaluator, left), *_parts(evaluator, right)))
    if operator == "+":
        return _sum_of(evaluator, left, right, origin)
    if operator == "|>":
        return evaluator.apply(evaluator.evaluate(right), evaluator.later(left), origin)
    if operator == "<|":
        return evaluator.apply(evaluator.evaluate(left), evaluator.later(right), origin)
    if operator in ("&&", "||"):
        return _logic(evaluator, origin, operator)
    if operator in ("==", "!="):
        equal = same(evaluator.evaluate(left), evaluator.evaluate(right))
        return Unknown(origin) if equal is None else Literal(origin, equal == (operator == "=="))
    if operator == "->":
        condition = _condition(evaluator, left)
        return Literal(origin, value=True) if condition is False else Unknown(origin)
    known = of_two(operator, evaluator.evaluate(left), evaluator.evaluate(right))
    return Unknown(origin) if known is None else Literal(origin, known)


def _logic(evaluator: Evaluator, origin: Origin, operator: str) -> Value:
    decided = operator == "||"  # what the left side must be for the right side not to matter
    left = _condition(evaluator, origin.at(field(origin.node, F.LEFT)))
    right = None if left is decided else _condition(evaluator, origin.at(field(origin.node, F.RIGHT)))
    if left is decided or right is decided:
        return Literal(origin, decided)
    return Unknown(origin) if left is None or right is None else Literal(origin, right)


def _condition(evaluator: Evaluator, origin: Origin) -> bool | None:
    """The value of an expression that is a known boolean."""
    value = evaluator.evaluate(origin)
    return value.value if isinstance(value, Literal) and isinstance(value.value, bool) else None


def _parts(evaluator: Evaluator, origin: Origin) -> tuple[Part, ...]:
    value = evaluator.evaluate(origin)
    if isinstance(value, ListValue):
        return tuple(value.parts)
    return (more_of(value, origin),)


def _sum_of(evaluator: Evaluator, left: Origin, right: Origin, origin: Origin) -> Value:
    """`left + right`; a path that begins with a slash is put behind another one."""
    one, two = evaluator.evaluate(left), evaluator.evaluate(right)
    node = core(right.node)
    if isinstance(one, PathValue) and isinstance(two, PathValue) and node.kind_id == K.PATH:
        text = _path_text(evaluator, right.at(node))
        if text is not None and text.startswith("/"):
            return joined(one, Literal(None, text), origin)
    return _sum(one, two, origin)


def _sum(left: Value, right: Value, origin: Origin) -> Value:
    if isinstance(left, PathValue) and isinstance(right, PathValue):
        text = None if left.is_text else _absolute(right)
        return Unknown(origin) if text is None else joined(left, Literal(right.origin, text), origin)
    numbers = [value.value for value in (left, right) if isinstance(value, Literal)]
    if len(numbers) == 2 and all(type(number) is int for number in numbers):
        return Literal(origin, sum(numbers)) if abs(sum(numbers)) <= _LARGEST else Unknown(origin)
    return joined(left, right, origin)


def _absolute(value: PathValue) -> str | None:
    """The text of a path literal that begins with `/`: put behind a path, it is a path below that."""
    if value.origin is None:
        return None
    node = core(value.origin.node)
    text = decode(value.origin.snapshot.text(node))
    if node.kind_id != K.PATH or not text.startswith("/") or "${" in text:
        return None
    return posixpath.normpath(text)


def _if(evaluator: Evaluator, origin: Origin) -> Value:
    condition = _condition(evaluator, origin.at(field(origin.node, F.CONDITION)))
    if condition is None:
        return Unknown(origin, "it depends on a condition")
    return evaluator.evaluate(origin.at(field(origin.node, F.CONSEQUENCE if condition else F.ALTERNATIVE)))


def _assert(evaluator: Evaluator, origin: Origin) -> Value:
    if _condition(evaluator, origin.at(field(origin.node, F.CONDITION))) is False:
        return Unknown(origin, "an assertion fails here")
    return evaluator.evaluate(origin.at(field(origin.node, F.BODY)))


def _has(evaluator: Evaluator, origin: Origin) -> Value:
    path = attrs(field(origin.node, F.ATTRPATH))
    value = evaluator.evaluate(origin.at(field(origin.node, F.EXPRESSION)))
    for index, attr in enumerate(path):
        name = _attr_name(evaluator, origin, attr)
        there = None if name is None else evaluator.has(value, name)
        if there is False or (there and index == len(path) - 1):
            return Literal(origin, there)
        if there is None:
            break
        value = evaluator.select(value, name or "", origin) or Unknown(origin)
    return Unknown(origin)


def _unary(evaluator: Evaluator, origin: Origin) -> Value:
    value = evaluator.evaluate(origin.at(field(origin.node, F.ARGUMENT)))
    number = value.value if isinstance(value, Literal) else None
    if field(origin.node, F.OPERATOR).type == "!":
        return Literal(origin, not number) if isinstance(number, bool) else Unknown(origin)
    if isinstance(number, int | float) and not isinstance(number, bool):
        return Literal(origin, -number)
    return Unknown(origin)


# What only gives the value of an inner expression.
BODY = {K.PARENTHESIZED: F.EXPRESSION, K.LET: F.BODY, K.WITH: F.BODY}
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
    K.UNARY: _unary,
    K.ASSERT: _assert,
    **dict.fromkeys(SETS, _set),
}
