; What opens a scope, what defines a name in one, and what refers to a name.
; Names of an ordinary attribute set are no definitions: nothing can refer to them by name alone.

(function_expression) @local.scope
(let_expression) @local.scope
(let_attrset_expression) @local.scope
(rec_attrset_expression) @local.scope

(function_expression universal: (identifier) @local.definition.parameter)
(formal name: (identifier) @local.definition.parameter)

(let_expression
  (binding_set
    binding: (binding attrpath: (attrpath . attr: (identifier) @local.definition.var))))
(let_attrset_expression
  (binding_set
    binding: (binding attrpath: (attrpath . attr: (identifier) @local.definition.var))))
(rec_attrset_expression
  (binding_set
    binding: (binding attrpath: (attrpath . attr: (identifier) @local.definition.var))))

(let_expression
  (binding_set
    binding: (_ attrs: (inherited_attrs attr: (identifier) @local.definition.var))))
(let_attrset_expression
  (binding_set
    binding: (_ attrs: (inherited_attrs attr: (identifier) @local.definition.var))))
(rec_attrset_expression
  (binding_set
    binding: (_ attrs: (inherited_attrs attr: (identifier) @local.definition.var))))

(variable_expression name: (identifier) @local.reference)

; `inherit a;` refers to the `a` around it; `inherit (x) a;` to none.
(inherit attrs: (inherited_attrs attr: (identifier) @local.reference))
