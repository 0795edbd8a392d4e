; Other languages in indented strings.
;
; In each pattern #set! stands before #match?: py-tree-sitter 0.26.1 corrupts memory when it frees a
; query that has them the other way round.

((comment) @injection.content
  (#set! injection.language "comment"))

; /* python */ ''…'' names the language itself.
((comment) @injection.language
  .
  (indented_string_expression (string_fragment) @injection.content)
  (#set! injection.combined))

; Shell, by the attribute that holds it: buildPhase, postInstall, shellHook, script, …
((binding
    attrpath: (attrpath attr: (identifier) @_name .)
    expression: (indented_string_expression (string_fragment) @injection.content))
  (#set! injection.language "bash")
  (#set! injection.combined)
  (#match? @_name "^((pre|post).+|.+Phase|.*[hH]ook|.*[sS]cript|buildCommand)$"))

; Shell, by the function it is given to: writeShellScript "name" ''…'' and its kin.
((apply_expression
    function: (apply_expression
      function: [
        (variable_expression name: (identifier) @_function)
        (select_expression attrpath: (attrpath attr: (identifier) @_function .))
      ])
    argument: (indented_string_expression (string_fragment) @injection.content))
  (#set! injection.language "bash")
  (#set! injection.combined)
  (#match? @_function "^writeShellScript(Bin)?$"))

; runCommand takes the script as its third argument.
((apply_expression
    function: (apply_expression
      function: (apply_expression
        function: [
          (variable_expression name: (identifier) @_function)
          (select_expression attrpath: (attrpath attr: (identifier) @_function .))
        ]))
    argument: (indented_string_expression (string_fragment) @injection.content))
  (#set! injection.language "bash")
  (#set! injection.combined)
  (#match? @_function "^runCommand(CC|Local|NoCC|NoCCLocal)?$"))
