/*
 * The inner loops of core/raster.py, core/polygons.py and core/rle.py, which do the same in NumPy where these could not be compiled.
 * Results are equal bit for bit: the same operations on doubles in the same order (built with -ffp-contract=off).
 *
 * Arrays come and go as buffers, so no header of NumPy is needed and one build serves every version of it.
 */
#ifndef SEGMENTARIUM_KERNELS_H
#define SEGMENTARIUM_KERNELS_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

/* A list of numbers that grows; begin with all zero, free `at`. */
typedef struct {
    int64_t *at;
    size_t count, room;
} List;

static inline int list_reserve(List *list, size_t more)
{
    size_t need = list->count + more;
    if (need <= list->room)
        return 0;
    size_t room = list->room ? list->room : 1024;
    while (room < need)
        room *= 2;
    int64_t *grown = realloc(list->at, room * sizeof *grown);
    if (grown == NULL)
        return -1;
    list->at = grown;
    list->room = room;
    return 0;
}

static inline PyObject *list_to_bytes(const List *list)
{
    return PyBytes_FromStringAndSize((const char *)list->at, (Py_ssize_t)(list->count * sizeof(int64_t)));
}

/* A run of pixels of a row: columns [start, end). */
typedef struct {
    int64_t row, start, end;
} Span;

/* Polygons as they come from Python: all points, where the rings end among them, where the parts end among the rings. */
typedef struct {
    Py_buffer xy, rings, parts;
    const double *points;
    const int64_t *ring_ends, *part_ends;
    int64_t ring_count, part_count;
} Shapes;

int shapes_check(Shapes *shapes);
void shapes_release(Shapes *shapes);

/* Pixel count of runs, and their tight box; all zero where there is no pixel. */
typedef struct {
    long long area, x, y, w, h;
} Measured;

Measured measure_counts(const int64_t *counts, Py_ssize_t count, int64_t height);
int ends_are_good(const int64_t *ends, int64_t count, int64_t total);
int size_is_good(int height, int width);
int runs_of_spans(const Span *all, size_t count, int64_t height, int64_t width, List *out);
PyObject *counts_to_text(const int64_t *counts, Py_ssize_t count);
int unite_spans(const Shapes *shapes, int32_t height, int32_t width, List *out);

PyObject *paint(PyObject *module, PyObject *arguments);
PyObject *spans(PyObject *module, PyObject *arguments);
PyObject *measure(PyObject *module, PyObject *arguments);
PyObject *runs(PyObject *module, PyObject *arguments);
PyObject *outlines(PyObject *module, PyObject *arguments);
PyObject *encode(PyObject *module, PyObject *arguments);
PyObject *decode(PyObject *module, PyObject *arguments);
PyObject *measure_runs(PyObject *module, PyObject *arguments);
PyObject *describe(PyObject *module, PyObject *arguments);

#endif
