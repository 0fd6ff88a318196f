/*
 * What a COCO export says of polygons, in one call: runs as COCO's string, area, box; and whether COCO's own reader would
 * fill a polygon with the same pixels.
 *
 * Source of the filling: pycocotools, rleFrPoly. It walks the outline in fifths of a pixel and notes where it passes the
 * middle of a column; the rows there, rounded up, are where runs change.
 */
#include "kernels.h"

#define FIFTHS 5

/* Rounded as C rounds, towards zero, after half is added; no vertex is negative here. */
static int64_t fifths(double value)
{
    return (int64_t)(FIFTHS * value + .5);
}

/* The row at which a run changes, where the outline passes a column at this height in fifths. */
static int64_t row_of(int64_t v, int64_t height)
{
    int64_t row = v < 2 ? 0 : (v - 2 + FIFTHS - 1) / FIFTHS;
    return row > height ? height : row;
}

/* Notes where the outline passes from fifth u to u + 1, if that is the middle of a column. */
static int note_passing(int64_t u, int64_t v, int64_t height, int64_t width, List *out)
{
    if (u < 2 || (u - 2) % FIFTHS || (u - 2) / FIFTHS > width - 1)
        return 0;
    if (list_reserve(out, 1))
        return -1;
    out->at[out->count++] = (u - 2) / FIFTHS * height + row_of(v, height);
    return 0;
}

/* An edge. It begins and ends exactly at its vertices, so that nothing is passed between two edges. */
static int walk_edge(int64_t xs, int64_t ys, int64_t xe, int64_t ye, int64_t height, int64_t width, List *out)
{
    const int64_t dx = llabs(xe - xs), dy = llabs(ye - ys);
    const int is_flat = dx >= dy;
    if (is_flat ? xs > xe : ys > ye) { /* always walked the same way, whichever the outline takes */
        int64_t kept = xs;
        xs = xe, xe = kept;
        kept = ys, ys = ye, ye = kept;
    }
    if (is_flat) {
        const double slope = (double)(ye - ys) / (double)dx;
        /* From fifth 5 k + 2 on to the next. */
        for (int64_t t = 1 + ((2 - xs) % FIFTHS + FIFTHS) % FIFTHS; t <= dx; t += FIFTHS) {
            const int64_t before = (int64_t)((double)ys + slope * (double)(t - 1) + .5);
            const int64_t after = (int64_t)((double)ys + slope * (double)t + .5);
            if (note_passing(xs + t - 1, before < after ? before : after, height, width, out))
                return -1;
        }
        return 0;
    }
    const double slope = (double)(xe - xs) / (double)dy;
    int64_t before = xs;
    for (int64_t t = 1; t <= dy; t++) {
        const int64_t after = (int64_t)((double)xs + slope * (double)t + .5);
        if (after != before && note_passing(before < after ? before : after, ys + t - 1, height, width, out))
            return -1;
        before = after;
    }
    return 0;
}

/* Into order, by column first: the few places of a column are then soon in theirs. */
static int sort_places(List *places, int64_t height, int64_t width)
{
    int64_t *begin = calloc((size_t)width + 1, sizeof *begin);
    int64_t *sorted = malloc((places->count ? places->count : 1) * sizeof *sorted);
    if (begin == NULL || sorted == NULL) {
        free(begin);
        free(sorted);
        return -1;
    }
    /* A place may be the end of the last column, which is the start of none. */
    for (size_t i = 0; i < places->count; i++)
        begin[places->at[i] / height]++;
    int64_t total = 0;
    for (int64_t column = 0; column <= width; column++) {
        const int64_t count = begin[column];
        begin[column] = total;
        total += count;
    }
    for (size_t i = 0; i < places->count; i++)
        sorted[begin[places->at[i] / height]++] = places->at[i];
    for (size_t i = 1; i < places->count; i++) {
        const int64_t place = sorted[i];
        size_t at = i;
        for (; at && sorted[at - 1] > place; at--)
            sorted[at] = sorted[at - 1];
        sorted[at] = place;
    }
    memcpy(places->at, sorted, places->count * sizeof *sorted);
    free(begin);
    free(sorted);
    return 0;
}

/* Run lengths as COCO's reader would have them of one ring; 1 where it cannot be told. */
static int coco_runs(const double *points, int64_t count, int64_t height, int64_t width, List *out)
{
    for (int64_t i = 0; i < 2 * count; i++)
        if (!(points[i] >= 0 && points[i] < 1e6))
            return 1;
    for (int64_t i = 0; i < count; i++) {
        const double *from = points + 2 * i, *to = points + 2 * ((i + 1) % count);
        if (walk_edge(fifths(from[0]), fifths(from[1]), fifths(to[0]), fifths(to[1]), height, width, out))
            return -1;
    }
    if (sort_places(out, height, width) || list_reserve(out, 1))
        return -1;
    out->at[out->count++] = height * width;
    /* Places to lengths; two changes at one place are none. */
    size_t kept = 1, at = 1;
    int64_t before = out->at[0];
    while (at < out->count) {
        int64_t length = out->at[at] - before;
        before = out->at[at++];
        if (length > 0)
            out->at[kept++] = length;
        else if (at < out->count) {
            out->at[kept - 1] += out->at[at] - before;
            before = out->at[at++];
        }
    }
    out->count = kept;
    return 0;
}

/* describe(xy, ring_ends, part_ends, height, width, asks) -> COCO's string, area, x, y, w, h, 1 same / 0 other / −1 unknown */
PyObject *describe(PyObject *module, PyObject *arguments)
{
    (void)module;
    Shapes shapes;
    int height, width, asks, failed = 0, same = -1;
    if (!PyArg_ParseTuple(arguments, "y*y*y*iip", &shapes.xy, &shapes.rings, &shapes.parts, &height, &width, &asks))
        return NULL;
    PyObject *result = NULL;
    if (shapes_check(&shapes) == 0 && size_is_good(height, width)) {
        List found = {0}, own = {0}, theirs = {0};
        Py_BEGIN_ALLOW_THREADS
        failed = unite_spans(&shapes, height, width, &found);
        if (!failed)
            failed = runs_of_spans((const Span *)found.at, found.count / 3, height, width, &own);
        if (!failed && asks && shapes.ring_count == 1) {
            int told = coco_runs(shapes.points, shapes.ring_ends[0], height, width, &theirs);
            failed = told < 0;
            if (told == 0)
                same = theirs.count == own.count &&
                       memcmp(theirs.at, own.at, own.count * sizeof *own.at) == 0;
        }
        Py_END_ALLOW_THREADS
        if (failed)
            PyErr_NoMemory();
        else {
            Measured measured = measure_counts(own.at, (Py_ssize_t)own.count, height);
            PyObject *text = counts_to_text(own.at, (Py_ssize_t)own.count);
            if (text != NULL)
                result = Py_BuildValue("NLLLLLi", text, measured.area, measured.x, measured.y, measured.w, measured.h,
                                       same);
        }
        free(found.at);
        free(own.at);
        free(theirs.at);
    }
    shapes_release(&shapes);
    return result;
}
