// The part of Nix's lexer that no regular expression over single tokens can say: strings, paths,
// URIs, comments and keywords.
//
// Nix's lexer takes the longest match whatever the parser expects. The scanner is asked before every
// token, repeats that choice, and emits a path, URI or keyword even where the grammar has no use for
// it: that is a syntax error for Nix too. Where an identifier, a number or an operator is the longest
// match it declines, and tree-sitter's own lexer reads the token.
//
// There is no state. The symbols that are valid tell the mode (in a string, in a path, in code), so
// nesting has no limit, nothing is serialised, and an edited tree reuses every node it can.
//
// Known cost: in a run of path characters, as in `a.b.c`, every token looks ahead to the end of the
// run, where a slash would make all of it one path. A run of n tokens takes n^2 steps, as in Nix.
#include "tree_sitter/parser.h"

#include <string.h>

// In the order of `externals` in grammar.js.
enum TokenType {
  COMMENT,
  STRING_FRAGMENT,
  INDENTED_STRING_FRAGMENT,
  ESCAPE_SEQUENCE,
  DOLLAR_ESCAPE,
  PATH_START,
  HPATH_START,
  PATH_FRAGMENT,
  PATH_END,
  SPATH,
  URI,
  KEYWORD_IF, // the first of ten, in the order of KEYWORDS
  ERROR_SENTINEL = KEYWORD_IF + 10,
};

static const char *const KEYWORDS[] = {"if",  "then", "else", "assert",  "with",
                                       "let", "in",   "rec",  "inherit", "or"};
enum { KEYWORD_COUNT = sizeof KEYWORDS / sizeof *KEYWORDS, LONGEST_KEYWORD = 7 };

// Whether Nix reads a path where one could begin, and whether it then refuses it.
typedef enum { NO_PATH, GOOD_PATH, BAD_PATH } PathMatch;

static inline void advance(TSLexer *lexer) { lexer->advance(lexer, false); }
static inline void mark_end(TSLexer *lexer) { lexer->mark_end(lexer); }

// Ends the token at the last mark.
static inline bool emit(TSLexer *lexer, int token) {
  lexer->result_symbol = (TSSymbol)token;
  return true;
}

// Ends the token here.
static inline bool emit_here(TSLexer *lexer, int token) {
  mark_end(lexer);
  return emit(lexer, token);
}

// Not <ctype.h>: those depend on the locale, and `lookahead` can be negative (invalid UTF-8).
static bool is_letter(int32_t c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
static bool is_digit(int32_t c) { return c >= '0' && c <= '9'; }
static bool is_blank(int32_t c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
static bool is_identifier_char(int32_t c) {
  return is_letter(c) || is_digit(c) || c == '_' || c == '\'' || c == '-';
}
static bool is_path_char(int32_t c) {
  return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-' || c == '+';
}
static bool is_uri_char(int32_t c) {
  return is_letter(c) || is_digit(c) || (c > 0 && c < 128 && strchr("%/?:@&=+$,-_.!~*'", (char)c));
}

// A string cannot go on: the file ends, or there is a NUL, which Nix refuses in strings.
static bool at_end_of_text(TSLexer *lexer) { return lexer->lookahead == 0; }

// Reads `$` in a string. False if it opens an interpolation, true if it is text.
static bool skip_dollar(TSLexer *lexer) {
  advance(lexer);
  if (lexer->lookahead == '{') return false;
  if (lexer->lookahead == '$') advance(lexer); // `$$` hides its second dollar from a `{`
  return true;
}

// Reads what a backslash escapes, any one character.
static bool scan_escaped(TSLexer *lexer) {
  if (at_end_of_text(lexer)) return false;
  int token = lexer->lookahead == '$' ? DOLLAR_ESCAPE : ESCAPE_SEQUENCE;
  advance(lexer);
  return emit_here(lexer, token);
}

// Between the quotes of "…": text up to an escape, `${` or the quote; or one escape.
static bool scan_string(TSLexer *lexer) {
  for (bool any = false;; any = true) {
    mark_end(lexer);
    if (lexer->lookahead == '"' || at_end_of_text(lexer)) return any && emit(lexer, STRING_FRAGMENT);
    if (lexer->lookahead == '\\') {
      if (any) return emit(lexer, STRING_FRAGMENT);
      advance(lexer);
      return scan_escaped(lexer);
    }
    if (lexer->lookahead == '$') {
      if (!skip_dollar(lexer)) return any && emit(lexer, STRING_FRAGMENT);
    } else {
      advance(lexer);
    }
  }
}

// After `''` in an indented string: the rest of an escape, or false if that closed the string.
static bool scan_indented_escape(TSLexer *lexer) {
  switch (lexer->lookahead) {
  case '\'': // ''' is two quotes
    advance(lexer);
    return emit_here(lexer, ESCAPE_SEQUENCE);
  case '$':
    advance(lexer);
    return emit_here(lexer, DOLLAR_ESCAPE);
  case '\\':
    advance(lexer);
    return scan_escaped(lexer);
  default:
    return false;
  }
}

// Between the quotes of ''…'': text up to `''` or `${`; or one escape.
static bool scan_indented_string(TSLexer *lexer) {
  for (bool any = false;; any = true) {
    mark_end(lexer);
    if (at_end_of_text(lexer)) return any && emit(lexer, INDENTED_STRING_FRAGMENT);
    if (lexer->lookahead == '$') {
      if (!skip_dollar(lexer)) return any && emit(lexer, INDENTED_STRING_FRAGMENT);
    } else if (lexer->lookahead == '\'') {
      advance(lexer);
      if (lexer->lookahead != '\'') continue; // a lone quote is text
      if (any) return emit(lexer, INDENTED_STRING_FRAGMENT);
      advance(lexer);
      return scan_indented_escape(lexer);
    } else {
      advance(lexer);
    }
  }
}

static bool at_interpolation(TSLexer *lexer) {
  if (lexer->lookahead != '$') return false;
  advance(lexer);
  return lexer->lookahead == '{';
}

// Reads on behind the first slash of what may be a path, and marks its end.
// Nix: PATH is CHAR* (/CHAR+)+ /?, and right before `${` one more run of CHAR and slashes.
static PathMatch match_path_rest(TSLexer *lexer) {
  if (lexer->lookahead == '$') {
    mark_end(lexer);
    // `/$` without a brace is wrong whatever stands before it: no token begins with such a dollar.
    return at_interpolation(lexer) ? GOOD_PATH : BAD_PATH;
  }
  if (!is_path_char(lexer->lookahead)) return NO_PATH;
  unsigned doubled = 0;
  bool after_slash = false;
  while (is_path_char(lexer->lookahead) || lexer->lookahead == '/') {
    bool slash = lexer->lookahead == '/';
    if (slash && after_slash) doubled++;
    after_slash = slash;
    advance(lexer);
  }
  mark_end(lexer);
  if (at_interpolation(lexer)) return doubled > 1 ? BAD_PATH : GOOD_PATH;
  return after_slash || doubled ? BAD_PATH : GOOD_PATH;
}

// Emits the path, or what makes the parser fail.
static bool emit_path(TSLexer *lexer, PathMatch match, int token) {
  return match != NO_PATH && emit(lexer, match == GOOD_PATH ? token : ERROR_SENTINEL);
}

// In a path, behind its start or one of its interpolations. No blanks are skipped here.
static bool scan_in_path(TSLexer *lexer) {
  bool any = false, slash = false;
  mark_end(lexer);
  while (is_path_char(lexer->lookahead) || lexer->lookahead == '/') {
    slash = lexer->lookahead == '/';
    any = true;
    advance(lexer);
  }
  mark_end(lexer);
  bool interpolation = at_interpolation(lexer);
  if (any) return emit(lexer, slash && !interpolation ? ERROR_SENTINEL : PATH_FRAGMENT);
  return !interpolation && emit(lexer, PATH_END);
}

// At a letter or `_`: a keyword, a path or a URI, each only if no other token is longer.
static bool scan_word(TSLexer *lexer) {
  char word[LONGEST_KEYWORD];
  unsigned length = 0;             // of the identifier that the run begins with
  bool in_identifier = true;       // the run has not gone past that yet
  bool scheme = true;              // the run can stand before the colon of a URI
  while (is_path_char(lexer->lookahead)) {
    if (in_identifier && is_identifier_char(lexer->lookahead)) {
      if (length < LONGEST_KEYWORD) word[length] = (char)lexer->lookahead;
      length++;
    } else if (in_identifier) {
      in_identifier = false;
      mark_end(lexer);
    }
    if (lexer->lookahead == '_') scheme = false;
    advance(lexer);
  }
  if (in_identifier) {
    if (lexer->lookahead == '\'') return false; // no keyword, path or URI has a quote here: a longer identifier
    mark_end(lexer);
  }
  if (lexer->lookahead == '/') {
    advance(lexer);
    PathMatch match = match_path_rest(lexer);
    if (match != NO_PATH) return emit_path(lexer, match, PATH_START);
  } else if (lexer->lookahead == ':' && scheme) {
    advance(lexer);
    if (is_uri_char(lexer->lookahead)) {
      while (is_uri_char(lexer->lookahead)) advance(lexer);
      return emit_here(lexer, URI);
    }
  }
  // The mark still stands behind the identifier.
  if (length > LONGEST_KEYWORD) return false;
  for (int i = 0; i < KEYWORD_COUNT; i++)
    if (strlen(KEYWORDS[i]) == length && memcmp(KEYWORDS[i], word, length) == 0)
      return emit(lexer, KEYWORD_IF + i);
  return false;
}

// At a digit, `.`, `-` or `+`: a path, unless a number or an operator is the longer match.
static bool scan_path(TSLexer *lexer) {
  while (is_path_char(lexer->lookahead)) advance(lexer);
  if (lexer->lookahead != '/') return false;
  advance(lexer);
  return emit_path(lexer, match_path_rest(lexer), PATH_START);
}

// At `~`.
static bool scan_home_path(TSLexer *lexer) {
  advance(lexer);
  if (lexer->lookahead != '/') return false;
  advance(lexer);
  return emit_path(lexer, match_path_rest(lexer), HPATH_START);
}

// At `<`: a search path such as <nixpkgs/lib>, else a comparison or a pipe.
static bool scan_search_path(TSLexer *lexer) {
  do {
    advance(lexer);
    if (!is_path_char(lexer->lookahead)) return false;
    while (is_path_char(lexer->lookahead)) advance(lexer);
  } while (lexer->lookahead == '/');
  if (lexer->lookahead != '>') return false;
  advance(lexer);
  return emit_here(lexer, SPATH);
}

// At `#`. A lone carriage return ends the line too.
static bool scan_line_comment(TSLexer *lexer) {
  while (!lexer->eof(lexer) && lexer->lookahead != '\n' && lexer->lookahead != '\r') advance(lexer);
  return emit_here(lexer, COMMENT);
}

// At the `*` that opens a comment. eof() and not a zero: a comment may hold NUL.
static bool scan_block_comment(TSLexer *lexer) {
  advance(lexer);
  for (bool star = false; !lexer->eof(lexer);) {
    bool closed = star && lexer->lookahead == '/';
    star = lexer->lookahead == '*';
    advance(lexer);
    if (closed) return emit_here(lexer, COMMENT);
  }
  return emit_here(lexer, ERROR_SENTINEL);
}

// At `/`.
static bool scan_slash(TSLexer *lexer) {
  advance(lexer);
  if (lexer->lookahead == '*') return scan_block_comment(lexer);
  return emit_path(lexer, match_path_rest(lexer), PATH_START);
}

static bool scan_code(TSLexer *lexer) {
  while (is_blank(lexer->lookahead)) lexer->advance(lexer, true);
  if (is_letter(lexer->lookahead) || lexer->lookahead == '_') return scan_word(lexer);
  if (is_digit(lexer->lookahead)) return scan_path(lexer);
  switch (lexer->lookahead) {
  case '.':
  case '-':
  case '+':
    return scan_path(lexer);
  case '/':
    return scan_slash(lexer);
  case '~':
    return scan_home_path(lexer);
  case '<':
    return scan_search_path(lexer);
  case '#':
    return scan_line_comment(lexer);
  default:
    return false;
  }
}

void *tree_sitter_nix_external_scanner_create(void) { return NULL; }
void tree_sitter_nix_external_scanner_destroy(void *payload) { (void)payload; }

unsigned tree_sitter_nix_external_scanner_serialize(void *payload, char *buffer) {
  (void)payload;
  (void)buffer;
  return 0;
}

void tree_sitter_nix_external_scanner_deserialize(void *payload, const char *buffer,
                                                  unsigned length) {
  (void)payload;
  (void)buffer;
  (void)length;
}

bool tree_sitter_nix_external_scanner_scan(void *payload, TSLexer *lexer, const bool *valid) {
  (void)payload;
  // While the parser recovers from an error every symbol is valid and none tells the mode; code is
  // the safest guess, since the text of a string could swallow the rest of the file.
  if (!valid[ERROR_SENTINEL]) {
    if (valid[STRING_FRAGMENT]) return scan_string(lexer);
    if (valid[INDENTED_STRING_FRAGMENT]) return scan_indented_string(lexer);
    if (valid[PATH_END]) return scan_in_path(lexer);
  }
  return scan_code(lexer);
}
