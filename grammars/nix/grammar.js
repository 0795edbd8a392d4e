/**
 * The surface syntax of Nix 2.26 to 2.36, pipe operators included.
 *
 * Node types and fields are those of tree-sitter-nix 0.3.0, so that queries written for it keep
 * working. What differs on purpose: `|>` and `<|` are operators of binary_expression, the attrs of
 * inherit and inherit_from are optional, a dollar_escape spans the whole escape, and `x or` is the
 * application of `x` to a variable named `or`.
 *
 * Everything that Nix's lexer decides by longest match (paths, URIs, keywords) or by a mode
 * (strings, the inside of a path) is lexed by src/scanner.c.
 */

// parser.y's precedences, loosest first. The levels of `==` and `<` are missing: those operators do
// not associate, which tree-sitter cannot say with a number; see _equality and _comparison.
const PREC = {
  implication: 1,
  or: 2,
  and: 3,
  update: 6,
  not: 7,
  add: 8,
  multiply: 9,
  concat: 10,
  has: 11,
  negate: 12,
};

// In the order of scanner.c's KEYWORDS.
const KEYWORDS = ["if", "then", "else", "assert", "with", "let", "in", "rec", "inherit", "or"];

// The scanner reads a keyword wherever one stands, so it is reserved in every state. As an alias it
// still shows up as the anonymous node that a query like `"if" @keyword` looks for.
const keyword = ($, word) => alias($["_kw_" + word], word);

const binary = (left, operator, right) =>
  seq(field("left", left), field("operator", operator), field("right", right));

const separated = (rule, separator) => seq(rule, repeat(seq(separator, rule)));

module.exports = grammar({
  name: "nix",

  // Exactly Nix's blanks: \s would also take form feeds, vertical tabs and no-break spaces.
  extras: ($) => [/[ \t\r\n]+/, $.comment],

  supertypes: ($) => [$._expression],

  // In the order of scanner.c's TokenType. A comment is valid between any two tokens, which is what
  // makes tree-sitter ask the scanner before every token.
  externals: ($) => [
    $.comment,
    $.string_fragment,
    $._indented_string_fragment,
    $.escape_sequence,
    $.dollar_escape,
    $._path_start,
    $._hpath_start,
    $.path_fragment,
    $._path_end,
    $.spath_expression,
    $.uri_expression,
    ...KEYWORDS.map((word) => $["_kw_" + word]),
    // In no rule: tree-sitter calls it valid only while it recovers from an error, and the scanner
    // emits it where Nix's lexer fails.
    $._error_sentinel,
  ],

  rules: {
    // Nix refuses an empty file; here it is a source_code without an expression, as in
    // tree-sitter-nix, for the caller to report.
    source_code: ($) => optional(field("expression", $._expression)),

    _expression: ($) =>
      choice(
        $.function_expression,
        $.assert_expression,
        $.with_expression,
        $.let_expression,
        $.if_expression,
        $._pipe_expression,
        $._op,
      ),

    function_expression: ($) =>
      seq(
        choice(
          field("universal", $.identifier),
          field("formals", $.formals),
          seq(field("formals", $.formals), "@", field("universal", $.identifier)),
          seq(field("universal", $.identifier), "@", field("formals", $.formals)),
        ),
        ":",
        field("body", $._expression),
      ),
    formals: ($) => seq("{", optional($._formals), "}"),
    // A comma may trail the last formal but not the ellipses.
    _formals: ($) =>
      choice(
        field("ellipses", $.ellipses),
        seq(
          separated(field("formal", $.formal), ","),
          optional(seq(",", optional(field("ellipses", $.ellipses)))),
        ),
      ),
    formal: ($) =>
      seq(field("name", $.identifier), optional(seq("?", field("default", $._expression)))),
    ellipses: (_) => "...",

    assert_expression: ($) =>
      seq(
        keyword($, "assert"),
        field("condition", $._expression),
        ";",
        field("body", $._expression),
      ),
    with_expression: ($) =>
      seq(
        keyword($, "with"),
        field("environment", $._expression),
        ";",
        field("body", $._expression),
      ),
    let_expression: ($) =>
      seq(
        keyword($, "let"),
        optional($.binding_set),
        keyword($, "in"),
        field("body", $._expression),
      ),
    if_expression: ($) =>
      seq(
        keyword($, "if"),
        field("condition", $._expression),
        keyword($, "then"),
        field("consequence", $._expression),
        keyword($, "else"),
        field("alternative", $._expression),
      ),

    // `a |> b |> c` groups to the left, `a <| b <| c` to the right; mixing them is an error.
    _pipe_expression: ($) =>
      choice(
        alias($._pipe_into, $.binary_expression),
        alias($._pipe_from, $.binary_expression),
      ),
    _pipe_into: ($) => binary($._pipe_into_left, "|>", $._op),
    _pipe_from: ($) => binary($._op, "<|", $._pipe_from_right),
    // A hidden rule that is a direct child of itself hands its fields up to the outer node, even
    // under an alias: child_by_field_name("right") would answer the inner right operand. The hidden
    // choice in between stops that.
    _pipe_into_left: ($) => choice($._op, alias($._pipe_into, $.binary_expression)),
    _pipe_from_right: ($) => choice($._op, alias($._pipe_from, $.binary_expression)),

    // `==` `!=` and `<` `<=` `>` `>=` do not associate: each has a level of its own whose operands
    // exclude that level. The prefix operators stand in the tightest one, so that `a == !b == c`,
    // where `!` could swallow the second `==`, is an error as in Nix.
    _op: ($) => choice(alias($._logic, $.binary_expression), $._op_equality),
    _logic: ($) =>
      choice(
        prec.right(PREC.implication, binary($._op, "->", $._op)),
        prec.left(PREC.or, binary($._op, "||", $._op)),
        prec.left(PREC.and, binary($._op, "&&", $._op)),
      ),
    _op_equality: ($) => choice(alias($._equality, $.binary_expression), $._op_comparison),
    _equality: ($) => binary($._op_comparison, choice("==", "!="), $._op_comparison),
    _op_comparison: ($) => choice(alias($._comparison, $.binary_expression), $._op_tight),
    _comparison: ($) => binary($._op_tight, choice("<", "<=", ">", ">="), $._op_tight),
    _op_tight: ($) =>
      choice(
        $.has_attr_expression,
        $.unary_expression,
        $.binary_expression,
        $._application,
      ),
    binary_expression: ($) =>
      choice(
        prec.right(PREC.update, binary($._op_tight, "//", $._op_tight)),
        prec.left(PREC.add, binary($._op_tight, choice("+", "-"), $._op_tight)),
        prec.left(PREC.multiply, binary($._op_tight, choice("*", "/"), $._op_tight)),
        prec.right(PREC.concat, binary($._op_tight, "++", $._op_tight)),
      ),
    unary_expression: ($) =>
      choice(
        prec(PREC.not, seq(field("operator", "!"), field("argument", $._op_tight))),
        prec(PREC.negate, seq(field("operator", "-"), field("argument", $._op_tight))),
      ),
    // Not a binary_expression: the right side is an attribute path.
    has_attr_expression: ($) =>
      prec(
        PREC.has,
        seq(
          field("expression", $._op_tight),
          field("operator", "?"),
          field("attrpath", $.attrpath),
        ),
      ),

    _application: ($) => choice($.apply_expression, $._selection),
    apply_expression: ($) =>
      seq(field("function", $._application), field("argument", $._selection)),

    _selection: ($) =>
      choice($.select_expression, alias($._apply_or, $.apply_expression), $._simple),
    select_expression: ($) =>
      seq(
        field("expression", $._simple),
        ".",
        field("attrpath", $.attrpath),
        optional(seq(keyword($, "or"), field("default", $._selection))),
      ),
    // `or` was an identifier once, and Nix still reads `x or` as a call, one that binds as tightly
    // as a selection: `f x or y` is `f (x or) y`.
    _apply_or: ($) =>
      seq(
        field("function", $._simple),
        field("argument", alias($._or_variable, $.variable_expression)),
      ),
    _or_variable: ($) => field("name", alias($._kw_or, $.identifier)),

    _simple: ($) =>
      choice(
        $.variable_expression,
        $.integer_expression,
        $.float_expression,
        $.string_expression,
        $.indented_string_expression,
        $.path_expression,
        $.hpath_expression,
        $.spath_expression,
        $.uri_expression,
        $.parenthesized_expression,
        $.attrset_expression,
        $.let_attrset_expression,
        $.rec_attrset_expression,
        $.list_expression,
      ),
    variable_expression: ($) => field("name", $.identifier),
    parenthesized_expression: ($) => seq("(", field("expression", $._expression), ")"),
    list_expression: ($) => seq("[", repeat(field("element", $._selection)), "]"),
    attrset_expression: ($) => seq("{", optional($.binding_set), "}"),
    // The value of the legacy `let { … }` is its attribute `body`.
    let_attrset_expression: ($) => seq(keyword($, "let"), "{", optional($.binding_set), "}"),
    rec_attrset_expression: ($) => seq(keyword($, "rec"), "{", optional($.binding_set), "}"),

    binding_set: ($) => repeat1(field("binding", choice($.binding, $.inherit, $.inherit_from))),
    binding: ($) =>
      seq(field("attrpath", $.attrpath), "=", field("expression", $._expression), ";"),
    inherit: ($) =>
      seq(keyword($, "inherit"), optional(field("attrs", $.inherited_attrs)), ";"),
    inherit_from: ($) =>
      seq(
        keyword($, "inherit"),
        "(",
        field("expression", $._expression),
        ")",
        optional(field("attrs", $.inherited_attrs)),
        ";",
      ),
    inherited_attrs: ($) => repeat1(field("attr", $._attr)),
    attrpath: ($) => separated(field("attr", $._attr), "."),
    _attr: ($) =>
      choice(
        $.identifier,
        alias($._kw_or, $.identifier),
        $.string_expression,
        $.interpolation,
      ),

    string_expression: ($) =>
      seq(
        '"',
        repeat(choice($.string_fragment, $.escape_sequence, $.dollar_escape, $.interpolation)),
        '"',
      ),
    indented_string_expression: ($) =>
      seq(
        "''",
        repeat(
          choice(
            alias($._indented_string_fragment, $.string_fragment),
            $.escape_sequence,
            $.dollar_escape,
            $.interpolation,
          ),
        ),
        "''",
      ),
    interpolation: ($) => seq("${", field("expression", $._expression), "}"),

    path_expression: ($) => seq(alias($._path_start, $.path_fragment), $._path_rest),
    hpath_expression: ($) => seq(alias($._hpath_start, $.path_fragment), $._path_rest),
    // _path_end has no bytes. The scanner gives it unless `${` follows at once, which tells
    // `./a${x}` from `./a ${x}`, two tokens that Nix refuses side by side.
    _path_rest: ($) =>
      seq(repeat(seq($.interpolation, optional($.path_fragment))), $._path_end),

    identifier: (_) => /[a-zA-Z_][a-zA-Z0-9_'\-]*/,
    integer_expression: (_) => /[0-9]+/,
    float_expression: (_) => /([1-9][0-9]*\.[0-9]*|0?\.[0-9]+)([Ee][+-]?[0-9]+)?/,
  },
});
