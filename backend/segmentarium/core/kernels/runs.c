/* Polygons as COCO's runs down the columns, without painting them. */
#include "kernels.h"

/* Walks the columns in which two rows differ; counts them when `places` is null, else files them. */
static void walk_changes(const Span *upper, size_t upper_count, const Span *lower, size_t lower_count, int64_t row,
                         int64_t *cursor, int64_t *rows_out)
{
    size_t u = 0, l = 0;
    int inside_upper = 0, inside_lower = 0;
    int64_t at = 0;
    for (;;) {
        int64_t next_upper = u < upper_count ? (inside_upper ? upper[u].end : upper[u].start) : INT64_MAX;
        int64_t next_lower = l < lower_count ? (inside_lower ? lower[l].end : lower[l].start) : INT64_MAX;
        int64_t next = next_upper < next_lower ? next_upper : next_lower;
        if (next == INT64_MAX)
            return;
        if (inside_upper != inside_lower)
            for (int64_t column = at; column < next; column++) {
                if (rows_out == NULL)
                    cursor[column]++;
                else
                    rows_out[cursor[column]++] = row;
            }
        if (next == next_upper) {
            u += (size_t)inside_upper;
            inside_upper = !inside_upper;
        }
        if (next == next_lower) {
            l += (size_t)inside_lower;
            inside_lower = !inside_lower;
        }
        at = next;
    }
}

/* Walks the changes between all pairs of neighbouring rows, from the empty one above the first to that below the last. */
static void walk_rows(const Span *all, size_t count, int64_t *cursor, int64_t *rows_out)
{
    size_t at = 0, before = 0, before_count = 0;
    int64_t before_row = -2;
    while (at < count) {
        int64_t row = all[at].row;
        size_t stop = at;
        while (stop < count && all[stop].row == row)
            stop++;
        if (before_row == row - 1)
            walk_changes(all + before, before_count, all + at, stop - at, row, cursor, rows_out);
        else {
            if (before_row >= 0)
                walk_changes(all + before, before_count, NULL, 0, before_row + 1, cursor, rows_out);
            walk_changes(NULL, 0, all + at, stop - at, row, cursor, rows_out);
        }
        before = at;
        before_count = stop - at;
        before_row = row;
        at = stop;
    }
    if (before_row >= 0)
        walk_changes(all + before, before_count, NULL, 0, before_row + 1, cursor, rows_out);
}

/* Run lengths down the columns, zeros first. */
int runs_of_spans(const Span *all, size_t count, int64_t height, int64_t width, List *out)
{
    int64_t left = width, right = 0;
    for (size_t i = 0; i < count; i++) {
        left = all[i].start < left ? all[i].start : left;
        right = all[i].end > right ? all[i].end : right;
    }
    int64_t columns = right > left ? right - left : 0;
    int64_t *begin = calloc((size_t)columns + 1, sizeof *begin);
    if (begin == NULL)
        return -1;
    int64_t *cursor = begin - left; /* only columns in [left, right) are asked for */
    walk_rows(all, count, cursor, NULL);
    int64_t total = 0;
    for (int64_t i = 0; i <= columns; i++) {
        int64_t in_column = i < columns ? begin[i] : 0;
        begin[i] = total;
        total += in_column;
    }
    int64_t *rows = malloc((size_t)(total ? total : 1) * sizeof *rows);
    if (rows == NULL || list_reserve(out, (size_t)total + 2)) {
        free(begin);
        free(rows);
        return -1;
    }
    walk_rows(all, count, cursor, rows);
    /* begin[i] is now where column i ends. */
    int64_t place_before = 0, from = 0;
    size_t kept = 0; /* places of changes, in out */
    for (int64_t i = 0; i < columns; i++) {
        for (int64_t j = from; j < begin[i]; j++) {
            int64_t place = (left + i) * height + rows[j];
            /* The bottom of one column and the top of the next are one place: the run goes on. */
            if (kept && out->at[kept - 1] == place)
                kept--;
            else
                out->at[kept++] = place;
        }
        from = begin[i];
    }
    for (size_t i = 0; i < kept; i++) {
        int64_t place = out->at[i];
        out->at[i] = place - place_before;
        place_before = place;
    }
    if (place_before < height * width || kept == 0)
        out->at[kept++] = height * width - place_before;
    out->count = kept;
    free(begin);
    free(rows);
    return 0;
}

/* runs(xy, ring_ends, part_ends, height, width) -> bytes of int64 counts */
PyObject *runs(PyObject *module, PyObject *arguments)
{
    (void)module;
    Shapes shapes;
    int height, width, failed = 0;
    if (!PyArg_ParseTuple(arguments, "y*y*y*ii", &shapes.xy, &shapes.rings, &shapes.parts, &height, &width))
        return NULL;
    PyObject *result = NULL;
    if (shapes_check(&shapes) == 0 && size_is_good(height, width)) {
        List found = {0}, out = {0};
        Py_BEGIN_ALLOW_THREADS
        failed = unite_spans(&shapes, height, width, &found);
        if (!failed)
            failed = runs_of_spans((const Span *)found.at, found.count / 3, height, width, &out);
        Py_END_ALLOW_THREADS
        result = failed ? PyErr_NoMemory() : list_to_bytes(&out);
        free(found.at);
        free(out.at);
    }
    shapes_release(&shapes);
    return result;
}
