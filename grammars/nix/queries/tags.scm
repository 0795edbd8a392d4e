; A binding whose value is a function defines it under the last name of its path.
(binding
  attrpath: (attrpath attr: (identifier) @name .)
  expression: (function_expression)) @definition.function

(apply_expression
  function: (variable_expression name: (identifier) @name)) @reference.call

(apply_expression
  function: (select_expression
    attrpath: (attrpath attr: (identifier) @name .))) @reference.call
