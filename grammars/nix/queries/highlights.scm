; Later patterns win over earlier ones.

(comment) @comment

[
  "if"
  "then"
  "else"
] @keyword.conditional

[
  "assert"
  "with"
  "let"
  "in"
  "rec"
  "inherit"
  "or"
] @keyword

[
  "{"
  "}"
  "["
  "]"
  "("
  ")"
] @punctuation.bracket

[
  ";"
  ":"
  ","
  "."
  "="
  "@"
] @punctuation.delimiter

(formal "?" @punctuation.delimiter)

(ellipses) @punctuation.special

(binary_expression operator: _ @operator)
(unary_expression operator: _ @operator)
(has_attr_expression operator: _ @operator)

(integer_expression) @number
(float_expression) @number.float

(string_expression) @string
(indented_string_expression) @string
(escape_sequence) @string.escape
(dollar_escape) @string.escape

(interpolation
  "${" @punctuation.special
  (_) @embedded
  "}" @punctuation.special)

(path_fragment) @string.special.path
(spath_expression) @string.special.path
(uri_expression) @string.special.url

(variable_expression name: (identifier) @variable)
(function_expression universal: (identifier) @variable.parameter)
(formal name: (identifier) @variable.parameter)

(attrpath attr: (identifier) @property)
(inherited_attrs attr: (identifier) @property)

; What a call names: the function of `f x`, the last name of `lib.f x`.
(apply_expression
  function: (variable_expression name: (identifier) @function.call))
(apply_expression
  function: (select_expression
    attrpath: (attrpath attr: (identifier) @function.call .)))

; What defines a function.
(binding
  attrpath: (attrpath attr: (identifier) @function .)
  expression: (function_expression))

; The names that Nix defines at the top level.
((variable_expression name: (identifier) @constant.builtin)
  (#any-of? @constant.builtin "true" "false" "null" "builtins" "__curPos"))

((variable_expression name: (identifier) @function.builtin)
  (#any-of? @function.builtin
    "abort" "baseNameOf" "break" "derivation" "derivationStrict" "dirOf" "fetchGit"
    "fetchMercurial" "fetchTarball" "fetchTree" "fromTOML" "import" "isNull" "map" "placeholder"
    "removeAttrs" "scopedImport" "throw" "toString"))
