/* COCO's compressed string of run lengths, and what runs cover, without a loop in Python. */
#include "kernels.h"

#define MOST_GROUPS 9 /* of five bits to a run: 45 */

/* Groups of five bits, lowest first, with a continuation bit; from the fourth run on, differences. */
PyObject *counts_to_text(const int64_t *counts, Py_ssize_t count)
{
    /* 64 bits are thirteen groups. */
    char *out = malloc((size_t)(count ? count : 1) * 13);
    if (out == NULL)
        return PyErr_NoMemory();
    Py_ssize_t length = 0;
    for (Py_ssize_t i = 0; i < count; i++) {
        int64_t value = i > 2 ? counts[i] - counts[i - 2] : counts[i];
        int more = 1;
        while (more) {
            int group = (int)(value & 0x1f);
            value >>= 5; /* arithmetic, as every compiler that CPython is built with has it */
            more = group & 0x10 ? value != -1 : value != 0;
            out[length++] = (char)((more ? group | 0x20 : group) + 48);
        }
    }
    PyObject *text = PyUnicode_DecodeASCII(out, length, NULL);
    free(out);
    return text;
}

/* encode(counts) -> str */
PyObject *encode(PyObject *module, PyObject *arguments)
{
    (void)module;
    Py_buffer buffer;
    if (!PyArg_ParseTuple(arguments, "y*", &buffer))
        return NULL;
    PyObject *text = counts_to_text(buffer.buf, buffer.len / (Py_ssize_t)sizeof(int64_t));
    PyBuffer_Release(&buffer);
    return text;
}

/* decode(text, most_runs, most, total) -> bytes of int64 counts; None where anything is wrong, or total is another sum */
PyObject *decode(PyObject *module, PyObject *arguments)
{
    (void)module;
    const char *text;
    Py_ssize_t length, most_runs;
    long long most, total;
    if (!PyArg_ParseTuple(arguments, "s#nLL", &text, &length, &most_runs, &most, &total))
        return NULL;
    PyObject *bytes = PyBytes_FromStringAndSize(NULL, length * (Py_ssize_t)sizeof(int64_t));
    if (bytes == NULL)
        return NULL;
    int64_t *counts = (int64_t *)PyBytes_AS_STRING(bytes);
    Py_ssize_t count = 0, at = 0;
    int good = 1;
    int64_t sum = 0;
    while (at < length && good) {
        uint64_t value = 0;
        int groups = 0, group;
        do {
            if (at == length || groups == MOST_GROUPS || text[at] < 48 || text[at] >= 112) {
                good = 0;
                break;
            }
            group = text[at++] - 48;
            value |= (uint64_t)(group & 0x1f) << 5 * groups++;
        } while (group & 0x20);
        if (!good)
            break;
        int64_t run = (int64_t)value;
        if (group & 0x10)
            run -= (int64_t)1 << 5 * groups;
        if (run > most || run < -most)
            good = 0;
        if (count > 2)
            run += counts[count - 2];
        if (run < 0 || run > most || count == most_runs)
            good = 0;
        counts[count++] = run;
        sum += good ? run : 0;
    }
    if (!good || (total >= 0 && sum != total)) {
        Py_DECREF(bytes);
        Py_RETURN_NONE;
    }
    _PyBytes_Resize(&bytes, count * (Py_ssize_t)sizeof(int64_t));
    return bytes;
}

Measured measure_counts(const int64_t *counts, Py_ssize_t count, int64_t height)
{
    int64_t place = 0, area = 0, left = INT64_MAX, right = -1, top = INT64_MAX, bottom = -1;
    for (Py_ssize_t i = 0; i < count; place += counts[i++]) {
        if (i % 2 == 0 || counts[i] == 0)
            continue;
        const int64_t last = place + counts[i] - 1;
        const int64_t first_column = place / height, last_column = last / height;
        int64_t low = place % height, high = last % height;
        if (first_column != last_column) { /* it touches both borders */
            low = 0;
            high = height - 1;
        }
        area += counts[i];
        left = first_column < left ? first_column : left;
        right = last_column > right ? last_column : right;
        top = low < top ? low : top;
        bottom = high > bottom ? high : bottom;
    }
    if (area == 0)
        return (Measured){0};
    return (Measured){area, left, top, right - left + 1, bottom - top + 1};
}

/* measure_runs(counts, height) -> pixel count, and tight box x, y, w, h, all zero where there is no pixel */
PyObject *measure_runs(PyObject *module, PyObject *arguments)
{
    (void)module;
    Py_buffer buffer;
    int height;
    if (!PyArg_ParseTuple(arguments, "y*i", &buffer, &height))
        return NULL;
    if (height < 1) {
        PyBuffer_Release(&buffer);
        PyErr_SetString(PyExc_ValueError, "an image has a height");
        return NULL;
    }
    Measured found = measure_counts(buffer.buf, buffer.len / (Py_ssize_t)sizeof(int64_t), height);
    PyBuffer_Release(&buffer);
    return Py_BuildValue("LLLLL", found.area, found.x, found.y, found.w, found.h);
}
