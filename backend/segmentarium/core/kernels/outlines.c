/* Masks outlined along the edges of their pixels. */
#include "kernels.h"

enum { INSIDE = 1, SEEN = 2 }; /* SEEN: the edge above this pixel belongs to a ring that was followed */

/*
 * Follows the ring that runs right along the top of pixel (x, y), inside on the right hand. Where two pixels touch at a
 * corner only it turns right, which keeps them apart. Appends the corners where it turns, as (x, y).
 */
static int follow(uint8_t *cells, size_t stride, int64_t x, int64_t y, List *out)
{
    static const int8_t step_x[4] = {1, 0, -1, 0}, step_y[4] = {0, 1, 0, -1};
    const int64_t start_x = x, start_y = y;
    int heading = 0;
    uint8_t *origin = cells + stride + 1; /* the padded grid begins one row and one column before */
#define CELL(cx, cy) (origin[(ptrdiff_t)(cy) * (ptrdiff_t)stride + (cx)])
    do {
        if (heading == 0)
            CELL(x, y) |= SEEN;
        x += step_x[heading];
        y += step_y[heading];
        /* The two cells ahead of the corner (x, y): on the right hand and on the left. */
        int right, left;
        switch (heading) {
        case 0: right = CELL(x, y) & INSIDE; left = CELL(x, y - 1) & INSIDE; break;
        case 1: right = CELL(x - 1, y) & INSIDE; left = CELL(x, y) & INSIDE; break;
        case 2: right = CELL(x - 1, y - 1) & INSIDE; left = CELL(x - 1, y) & INSIDE; break;
        default: right = CELL(x, y - 1) & INSIDE; left = CELL(x - 1, y - 1) & INSIDE; break;
        }
        int turned = heading;
        if (!right)
            turned = (heading + 1) & 3;
        else if (left)
            turned = (heading + 3) & 3;
        if (turned != heading) {
            if (list_reserve(out, 2))
                return -1;
            out->at[out->count++] = x;
            out->at[out->count++] = y;
            heading = turned;
        }
    } while (x != start_x || y != start_y || heading != 0);
#undef CELL
    return 0;
}

/* Turns the last ring so that it begins at its first corner by row and column, and goes right from there. */
static void begin_at_first_corner(int64_t *points, size_t count, int is_hole, int64_t *spare)
{
    size_t first = 0;
    for (size_t i = 1; i < count; i++)
        if (points[2 * i + 1] < points[2 * first + 1] ||
            (points[2 * i + 1] == points[2 * first + 1] && points[2 * i] < points[2 * first]))
            first = i;
    for (size_t i = 0; i < count; i++) {
        size_t from = is_hole ? (first + count - i) % count : (first + i) % count;
        spare[2 * i] = points[2 * from];
        spare[2 * i + 1] = points[2 * from + 1];
    }
    memcpy(points, spare, 2 * count * sizeof *points);
}

/* The first column at or after x whose pixel has an edge above it that no ring has yet; width where there is none. */
static int next_start(const uint8_t *line, const uint8_t *above, int x, int width)
{
    const uint64_t ones = 0x0101010101010101u;
    while (x < width) {
        if (x + 8 <= width) {
            uint64_t here, over;
            memcpy(&here, line + x, 8);
            memcpy(&over, above + x, 8);
            /* INSIDE here, not INSIDE above, not SEEN. */
            if ((here & ~over & ~(here >> 1) & ones) == 0) {
                x += 8;
                continue;
            }
        }
        if (line[x] == INSIDE && !(above[x] & INSIDE))
            return x;
        x++;
    }
    return width;
}

typedef struct {
    int64_t start, end, root;
} Run;

static int64_t root_of(Run *runs, int64_t run)
{
    while (runs[run].root != run) {
        runs[run].root = runs[runs[run].root].root;
        run = runs[run].root;
    }
    return run;
}

/* Runs of every row, joined into 4-connected components; `rows` gets where each row's runs begin, one more than rows. */
static int components(const uint8_t *mask, int64_t height, int64_t width, List *out, int64_t *rows)
{
    for (int64_t y = 0; y < height; y++) {
        const uint8_t *line = mask + y * width;
        rows[y] = (int64_t)out->count / 3;
        for (int64_t x = 0; x < width;) {
            const uint8_t *start = memchr(line + x, INSIDE, (size_t)(width - x));
            if (start == NULL)
                break;
            const uint8_t *end = memchr(start, 0, (size_t)(line + width - start));
            x = end ? end - line : width;
            if (list_reserve(out, 3))
                return -1;
            int64_t *at = out->at + out->count;
            at[0] = start - line;
            at[1] = x;
            at[2] = (int64_t)out->count / 3;
            out->count += 3;
        }
    }
    rows[height] = (int64_t)out->count / 3;
    Run *runs = (Run *)out->at;
    for (int64_t y = 1; y < height; y++) {
        int64_t upper = rows[y - 1], lower = rows[y];
        while (upper < rows[y] && lower < rows[y + 1]) {
            if (runs[upper].start < runs[lower].end && runs[lower].start < runs[upper].end) {
                int64_t a = root_of(runs, upper), b = root_of(runs, lower);
                runs[a > b ? a : b].root = a > b ? b : a;
            }
            if (runs[upper].end < runs[lower].end)
                upper++;
            else
                lower++;
        }
    }
    return 0;
}

/* The component of the pixel (x, y), which is inside. */
static int64_t component_at(Run *runs, const int64_t *rows, int64_t x, int64_t y)
{
    int64_t low = rows[y], high = rows[y + 1];
    while (high - low > 1) {
        int64_t middle = (low + high) / 2;
        if (runs[middle].start <= x)
            low = middle;
        else
            high = middle;
    }
    return root_of(runs, low);
}

/* For every ring the pixel that tells its component: below the first corner of an outer ring, above that of a hole. */
static int find_owners(const uint8_t *mask, int64_t height, int64_t width, const List *points, const List *ends,
                       const List *holes, List *owners)
{
    List found = {0};
    int64_t *rows = malloc(((size_t)height + 1) * sizeof *rows);
    int failed = rows == NULL || list_reserve(owners, ends->count) || components(mask, height, width, &found, rows);
    for (size_t ring = 0; ring < ends->count && !failed; ring++) {
        const int64_t *first = points->at + 2 * (ring ? ends->at[ring - 1] : 0);
        owners->at[owners->count++] = component_at((Run *)found.at, rows, first[0], first[1] - holes->at[ring]);
    }
    free(rows);
    free(found.at);
    return failed;
}

/*
 * outlines(mask, height, width) -> int64 (x, y) of corners; ends of the rings; whether each is a hole's; a number for
 * the component that each belongs to. The mask is of zeros and ones.
 */
PyObject *outlines(PyObject *module, PyObject *arguments)
{
    (void)module;
    Py_buffer mask;
    int height, width;
    if (!PyArg_ParseTuple(arguments, "y*ii", &mask, &height, &width))
        return NULL;
    if (!size_is_good(height, width) || mask.len != (Py_ssize_t)height * width) {
        PyBuffer_Release(&mask);
        if (!PyErr_Occurred())
            PyErr_SetString(PyExc_ValueError, "the mask has another size");
        return NULL;
    }
    List points = {0}, ends = {0}, holes = {0}, owners = {0}, spare = {0};
    int failed = 0;
    Py_BEGIN_ALLOW_THREADS
    size_t stride = (size_t)width + 2;
    uint8_t *cells = calloc(((size_t)height + 2) * stride, 1);
    failed = cells == NULL;
    for (int row = 0; row < height && !failed; row++)
        memcpy(cells + ((size_t)row + 1) * stride + 1, (const uint8_t *)mask.buf + (size_t)row * (size_t)width,
               (size_t)width);
    for (int y = 0; y < height && !failed; y++) {
        const uint8_t *line = cells + ((size_t)y + 1) * stride + 1;
        for (int x = 0; (x = next_start(line, line - stride, x, width)) < width; x++) {
            size_t before = points.count;
            failed = follow(cells, stride, x, y, &points) || list_reserve(&ends, 1) || list_reserve(&holes, 1) ||
                     list_reserve(&spare, points.count - before);
            if (failed)
                break;
            int64_t *ring = points.at + before;
            size_t count = (points.count - before) / 2;
            int64_t twice_area = 0;
            for (size_t i = 0, j = count - 1; i < count; j = i++)
                twice_area += ring[2 * j] * ring[2 * i + 1] - ring[2 * i] * ring[2 * j + 1];
            begin_at_first_corner(ring, count, twice_area < 0, spare.at);
            ends.at[ends.count++] = (int64_t)(points.count / 2);
            holes.at[holes.count++] = twice_area < 0;
        }
    }
    free(cells);
    if (!failed)
        failed = find_owners(mask.buf, height, width, &points, &ends, &holes, &owners);
    Py_END_ALLOW_THREADS
    PyBuffer_Release(&mask);
    PyObject *result = NULL;
    if (failed)
        PyErr_NoMemory();
    else
        result = Py_BuildValue("(NNNN)", list_to_bytes(&points), list_to_bytes(&ends), list_to_bytes(&holes),
                               list_to_bytes(&owners));
    free(points.at);
    free(ends.at);
    free(holes.at);
    free(owners.at);
    free(spare.at);
    return result;
}
