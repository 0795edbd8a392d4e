"""The names that Nix binds in every file, lexically: no `with` hides them. Union of Nix 2.8 to 2.26."""

from __future__ import annotations

# Bound as they are; the others only with two underscores in front, as in `__head`.
_PLAIN = """
    abort baseNameOf break builtins derivation derivationStrict dirOf false fetchGit fetchMercurial
    fetchTarball fetchTree fromTOML import isNull map null placeholder removeAttrs scopedImport throw
    toString true
"""
_UNDERSCORED = """
    add addDrvOutputDependencies addErrorContext all any appendContext attrNames attrValues bitAnd bitOr
    bitXor catAttrs ceil compareVersions concatLists concatMap concatStringsSep convertHash currentSystem
    currentTime deepSeq div elem elemAt exec fetchClosure fetchurl filter filterSource findFile
    flakeRefToString floor foldl' fromJSON functionArgs genList genericClosure getAttr getContext getEnv
    getFlake groupBy hasAttr hasContext hashFile hashString head importNative intersectAttrs isAttrs isBool
    isFloat isFunction isInt isList isPath isString langVersion length lessThan listToAttrs mapAttrs match
    mul nixPath nixVersion outputOf parseDrvName parseFlakeRef partition path pathExists readDir readFile
    readFileType replaceStrings seq sort split splitVersion storeDir storePath stringLength sub substring
    tail toFile toJSON toPath toXML trace traceVerbose tryEval typeOf unsafeDiscardOutputDependency
    unsafeDiscardStringContext unsafeGetAttrPos warn zipAttrsWith
"""
# `__curPos` is the parser's own, not a binding: nothing hides it.
POSITION = "__curPos"
GLOBALS = frozenset([*_PLAIN.split(), *(f"__{name}" for name in _UNDERSCORED.split()), POSITION])
