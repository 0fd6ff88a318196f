/* Polygons filled by the pixel-centre rule: painted into a map, or as spans. */
#include "kernels.h"

typedef struct {
    double x0, y0, dx, dy; /* from its upper end */
    int32_t first, stop;   /* rows whose centres it crosses */
} Edge;

typedef struct {
    Edge *edges;
    size_t edge_room;
    int64_t *begin; /* where the crossings of a row begin; one more than rows */
    int64_t *fill;
    size_t row_room;
    int32_t *columns;
    size_t column_room;
    int32_t top, bottom; /* rows with crossings: [top, bottom) */
} Scan;

static void scan_free(Scan *scan)
{
    free(scan->edges);
    free(scan->begin);
    free(scan->fill);
    free(scan->columns);
}

/* The first pixel whose centre lies at `value` or after it, within [low, high]. */
static inline int32_t ceil_clipped(double value, int32_t low, int32_t high)
{
    double shifted = value - 0.5;
    if (!(shifted > low))
        return low;
    if (shifted >= high)
        return high;
    int32_t whole = (int32_t)shifted;
    return whole + (shifted > whole);
}

/* The first pixel whose centre lies after `value`, within [0, high]. */
static inline int32_t floor_clipped(double value, int32_t high)
{
    double shifted = value + 0.5;
    if (!(shifted >= 1))
        return 0;
    if (shifted >= high)
        return high;
    return (int32_t)shifted;
}

static inline void sort_columns(int32_t *columns, int64_t count)
{
    for (int64_t i = 1; i < count; i++) {
        int32_t value = columns[i];
        int64_t j = i;
        for (; j > 0 && columns[j - 1] > value; j--)
            columns[j] = columns[j - 1];
        columns[j] = value;
    }
}

static int compare_columns(const void *a, const void *b)
{
    int32_t left = *(const int32_t *)a, right = *(const int32_t *)b;
    return (left > right) - (left < right);
}

/*
 * Sorted crossings of the rings [ring, ring_stop) with the centres of the rows [low, high).
 * 0, or -1 when memory is out.
 */
static int scan_part(Scan *scan, const double *xy, const int64_t *ring_ends, int64_t ring, int64_t ring_stop,
                     int32_t low, int32_t high, int32_t width)
{
    int64_t vertex = ring ? ring_ends[ring - 1] : 0;
    int64_t vertices = ring_ends[ring_stop - 1] - vertex;
    if ((size_t)vertices > scan->edge_room) {
        free(scan->edges);
        scan->edges = malloc((size_t)vertices * sizeof *scan->edges);
        scan->edge_room = scan->edges ? (size_t)vertices : 0;
        if (scan->edges == NULL)
            return -1;
    }
    size_t count = 0;
    int32_t top = high, bottom = low;
    for (; ring < ring_stop; ring++) {
        int64_t stop = ring_ends[ring], previous = stop - 1;
        for (; vertex < stop; previous = vertex++) {
            const double *from = xy + 2 * previous, *to = xy + 2 * vertex;
            const double *upper = from[1] <= to[1] ? from : to, *lower = from[1] <= to[1] ? to : from;
            int32_t first = ceil_clipped(upper[1], low, high), last = ceil_clipped(lower[1], low, high);
            if (first >= last)
                continue;
            scan->edges[count++] =
                (Edge){upper[0], upper[1], lower[0] - upper[0], lower[1] - upper[1], first, last};
            top = first < top ? first : top;
            bottom = last > bottom ? last : bottom;
        }
    }
    scan->top = top;
    scan->bottom = bottom;
    if (top >= bottom)
        return 0;
    size_t rows = (size_t)(bottom - top);
    if (rows + 1 > scan->row_room) {
        free(scan->begin);
        free(scan->fill);
        scan->begin = malloc((rows + 1) * sizeof *scan->begin);
        scan->fill = malloc((rows + 1) * sizeof *scan->fill);
        scan->row_room = scan->begin && scan->fill ? rows + 1 : 0;
        if (scan->row_room == 0)
            return -1;
    }
    memset(scan->fill, 0, (rows + 1) * sizeof *scan->fill);
    for (size_t i = 0; i < count; i++) {
        scan->fill[scan->edges[i].first - top]++;
        scan->fill[scan->edges[i].stop - top]--;
    }
    int64_t crossing_now = 0, total = 0;
    for (size_t row = 0; row < rows; row++) {
        crossing_now += scan->fill[row];
        scan->begin[row] = scan->fill[row] = total;
        total += crossing_now;
    }
    scan->begin[rows] = total;
    if ((size_t)total > scan->column_room) {
        free(scan->columns);
        scan->columns = malloc((size_t)total * sizeof *scan->columns);
        scan->column_room = scan->columns ? (size_t)total : 0;
        if (scan->columns == NULL)
            return -1;
    }
    for (size_t i = 0; i < count; i++) {
        const Edge edge = scan->edges[i];
        for (int32_t row = edge.first; row < edge.stop; row++) {
            double x = edge.x0 + (row + 0.5 - edge.y0) * edge.dx / edge.dy;
            scan->columns[scan->fill[row - top]++] = floor_clipped(x, width);
        }
    }
    for (size_t row = 0; row < rows; row++) {
        int32_t *columns = scan->columns + scan->begin[row];
        int64_t in_row = scan->begin[row + 1] - scan->begin[row];
        if (in_row == 2) {
            if (columns[0] > columns[1]) {
                int32_t swapped = columns[0];
                columns[0] = columns[1];
                columns[1] = swapped;
            }
        } else if (in_row <= 64)
            sort_columns(columns, in_row);
        else
            qsort(columns, (size_t)in_row, sizeof *columns, compare_columns);
    }
    return 0;
}

/* paint(ids, height, width, low, high, values, xy, ring_ends, part_ends, object_ends): rows [low, high) of ids */
PyObject *paint(PyObject *module, PyObject *arguments)
{
    (void)module;
    Shapes shapes;
    Py_buffer ids, values, objects;
    int height, width, low, high;
    if (!PyArg_ParseTuple(arguments, "w*iiiiy*y*y*y*y*", &ids, &height, &width, &low, &high, &values, &shapes.xy,
                          &shapes.rings, &shapes.parts, &objects))
        return NULL;
    const int64_t *object_ends = objects.buf;
    const int32_t *value = values.buf;
    int32_t *map = ids.buf;
    int64_t object_count = objects.len / (Py_ssize_t)sizeof(int64_t);
    int failed = 0, good = 0;
    if (shapes_check(&shapes) == 0 && size_is_good(height, width)) {
        good = low >= 0 && low <= high && high <= height &&
               ids.len == (Py_ssize_t)height * width * (Py_ssize_t)sizeof(int32_t) &&
               values.len == object_count * (Py_ssize_t)sizeof(int32_t) &&
               ends_are_good(object_ends, object_count, shapes.part_count);
        if (!good)
            PyErr_SetString(PyExc_ValueError, "the sizes of the map, the values or the objects do not fit");
    }
    if (good) {
        Py_BEGIN_ALLOW_THREADS
        Scan scan = {0};
        int64_t part = 0;
        for (int64_t object = 0; object < object_count && !failed; object++) {
            const int32_t painted = value[object];
            for (; part < object_ends[object] && !failed; part++) {
                int64_t ring = part ? shapes.part_ends[part - 1] : 0;
                failed = scan_part(&scan, shapes.points, shapes.ring_ends, ring, shapes.part_ends[part], low, high,
                                   width);
                for (int32_t row = scan.top; row < scan.bottom && !failed; row++) {
                    int32_t *line = map + (size_t)row * (size_t)width;
                    const int64_t stop = scan.begin[row - scan.top + 1];
                    for (int64_t i = scan.begin[row - scan.top]; i + 1 < stop; i += 2)
                        for (int32_t x = scan.columns[i]; x < scan.columns[i + 1]; x++)
                            line[x] = painted;
                }
            }
        }
        scan_free(&scan);
        Py_END_ALLOW_THREADS
    }
    PyBuffer_Release(&ids);
    PyBuffer_Release(&values);
    PyBuffer_Release(&objects);
    shapes_release(&shapes);
    if (!good)
        return NULL;
    if (failed)
        return PyErr_NoMemory();
    Py_RETURN_NONE;
}

static int compare_spans(const void *a, const void *b)
{
    const Span *left = a, *right = b;
    if (left->row != right->row)
        return left->row < right->row ? -1 : 1;
    return (left->start > right->start) - (left->start < right->start);
}

/* Spans of the union of all parts: rows, starts and ends one after another in `out`, by row and then column. */
int unite_spans(const Shapes *shapes, int32_t height, int32_t width, List *out)
{
    Scan scan = {0};
    int failed = 0;
    for (int64_t part = 0; part < shapes->part_count && !failed; part++) {
        int64_t ring = part ? shapes->part_ends[part - 1] : 0;
        failed = scan_part(&scan, shapes->points, shapes->ring_ends, ring, shapes->part_ends[part], 0, height, width);
        if (!failed && scan.top < scan.bottom)
            failed = list_reserve(out, 3 * (size_t)(scan.begin[scan.bottom - scan.top] / 2));
        for (int32_t row = scan.top; row < scan.bottom && !failed; row++) {
            const int64_t stop = scan.begin[row - scan.top + 1];
            for (int64_t i = scan.begin[row - scan.top]; i + 1 < stop; i += 2) {
                if (scan.columns[i] >= scan.columns[i + 1])
                    continue;
                int64_t *at = out->at + out->count;
                at[0] = row;
                at[1] = scan.columns[i];
                at[2] = scan.columns[i + 1];
                out->count += 3;
            }
        }
    }
    scan_free(&scan);
    if (failed || shapes->part_count < 2 || out->count == 0)
        return failed;
    Span *spans = (Span *)out->at;
    size_t count = out->count / 3, kept = 0;
    qsort(spans, count, sizeof *spans, compare_spans);
    for (size_t i = 1; i < count; i++) {
        if (spans[i].row == spans[kept].row && spans[i].start <= spans[kept].end) {
            if (spans[i].end > spans[kept].end)
                spans[kept].end = spans[i].end;
        } else
            spans[++kept] = spans[i];
    }
    out->count = 3 * (kept + 1);
    return 0;
}

/* spans(xy, ring_ends, part_ends, height, width) -> bytes of int64 (row, start, end) */
PyObject *spans(PyObject *module, PyObject *arguments)
{
    (void)module;
    Shapes shapes;
    int height, width, failed = 0;
    if (!PyArg_ParseTuple(arguments, "y*y*y*ii", &shapes.xy, &shapes.rings, &shapes.parts, &height, &width))
        return NULL;
    PyObject *result = NULL;
    if (shapes_check(&shapes) == 0 && size_is_good(height, width)) {
        List out = {0};
        Py_BEGIN_ALLOW_THREADS
        failed = unite_spans(&shapes, height, width, &out);
        Py_END_ALLOW_THREADS
        result = failed ? PyErr_NoMemory() : list_to_bytes(&out);
        free(out.at);
    }
    shapes_release(&shapes);
    return result;
}

/* measure(xy, ring_ends, part_ends, height, width) -> (area, x, y, w, h) of the union of all parts */
PyObject *measure(PyObject *module, PyObject *arguments)
{
    (void)module;
    Shapes shapes;
    int height, width, failed = 0;
    if (!PyArg_ParseTuple(arguments, "y*y*y*ii", &shapes.xy, &shapes.rings, &shapes.parts, &height, &width))
        return NULL;
    PyObject *result = NULL;
    if (shapes_check(&shapes) == 0 && size_is_good(height, width)) {
        List out = {0};
        int64_t area = 0, left = width, right = 0, top = 0, bottom = 0;
        Py_BEGIN_ALLOW_THREADS
        failed = unite_spans(&shapes, height, width, &out);
        const Span *spans = (const Span *)out.at;
        const size_t count = out.count / 3;
        for (size_t i = 0; i < count && !failed; i++) {
            area += spans[i].end - spans[i].start;
            left = spans[i].start < left ? spans[i].start : left;
            right = spans[i].end > right ? spans[i].end : right;
        }
        if (count && !failed) {
            top = spans[0].row;
            bottom = spans[count - 1].row + 1;
        } else
            left = 0;
        Py_END_ALLOW_THREADS
        result = failed ? PyErr_NoMemory()
                        : Py_BuildValue("LLLLL", (long long)area, (long long)left, (long long)top,
                                        (long long)(right - left), (long long)(bottom - top));
        free(out.at);
    }
    shapes_release(&shapes);
    return result;
}
