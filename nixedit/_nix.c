// nixedit._nix: hands the compiled grammar to py-tree-sitter.
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "tree_sitter/parser.h"

const TSLanguage *tree_sitter_nix(void);

static PyObject *language(PyObject *module, PyObject *arguments) {
  (void)module;
  (void)arguments;
  return PyCapsule_New((void *)(uintptr_t)tree_sitter_nix(), "tree_sitter.Language", NULL);
}

static PyMethodDef functions[] = {
    {"language", language, METH_NOARGS, "The Nix grammar, for tree_sitter.Language()."},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot slots[] = {
#ifdef Py_GIL_DISABLED
    {Py_mod_gil, Py_MOD_GIL_NOT_USED},
#endif
    {0, NULL},
};

static struct PyModuleDef definition = {
    .m_base = PyModuleDef_HEAD_INIT,
    .m_name = "_nix",
    .m_doc = "The compiled Nix grammar.",
    .m_size = 0,
    .m_methods = functions,
    .m_slots = slots,
};

PyMODINIT_FUNC PyInit__nix(void) { return PyModuleDef_Init(&definition); }
