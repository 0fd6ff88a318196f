/* The module, and what all of its functions ask of their arguments. */
#include "kernels.h"

void shapes_release(Shapes *shapes)
{
    PyBuffer_Release(&shapes->xy);
    PyBuffer_Release(&shapes->rings);
    PyBuffer_Release(&shapes->parts);
}

int ends_are_good(const int64_t *ends, int64_t count, int64_t total)
{
    int64_t before = 0;
    for (int64_t i = 0; i < count; i++) {
        if (ends[i] <= before || ends[i] > total)
            return 0;
        before = ends[i];
    }
    return count == 0 || before == total;
}

/* Points the struct at the buffers, or sets ValueError. */
int shapes_check(Shapes *shapes)
{
    shapes->points = shapes->xy.buf;
    shapes->ring_ends = shapes->rings.buf;
    shapes->part_ends = shapes->parts.buf;
    shapes->ring_count = shapes->rings.len / (Py_ssize_t)sizeof(int64_t);
    shapes->part_count = shapes->parts.len / (Py_ssize_t)sizeof(int64_t);
    int64_t vertices = shapes->xy.len / (Py_ssize_t)(2 * sizeof(double));
    if (ends_are_good(shapes->ring_ends, shapes->ring_count, vertices) &&
        ends_are_good(shapes->part_ends, shapes->part_count, shapes->ring_count))
        return 0;
    PyErr_SetString(PyExc_ValueError, "rings and parts must end in order, the last one at the end");
    return -1;
}

int size_is_good(int height, int width)
{
    if (height >= 0 && width >= 0)
        return 1;
    PyErr_SetString(PyExc_ValueError, "a size is not negative");
    return 0;
}

static PyMethodDef methods[] = {
    {"paint", paint, METH_VARARGS, NULL},
    {"spans", spans, METH_VARARGS, NULL},
    {"measure", measure, METH_VARARGS, NULL},
    {"runs", runs, METH_VARARGS, NULL},
    {"outlines", outlines, METH_VARARGS, NULL},
    {"encode", encode, METH_VARARGS, NULL},
    {"decode", decode, METH_VARARGS, NULL},
    {"measure_runs", measure_runs, METH_VARARGS, NULL},
    {"describe", describe, METH_VARARGS, NULL},
    {NULL, NULL, 0, NULL},
};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "_kernels", NULL, -1, methods, NULL, NULL, NULL, NULL,
};

PyMODINIT_FUNC PyInit__kernels(void)
{
    return PyModule_Create(&definition);
}
