#include "config/line.h"

#include <string.h>

#include "base/utf8.h"

/* Index of the first byte of `chars`, or of the comment that ends the line for inih. */
static size_t find_before_comment(struct span s, const char *chars)
{
    for (size_t i = 0; i < s.len; i++) {
        bool after_blank = i > 0 && (s.ptr[i - 1] == ' ' || s.ptr[i - 1] == '\t');

        if (s.ptr[i] == ';' && after_blank)
            return s.len;
        if (strchr(chars, s.ptr[i]) != NULL)
            return i;
    }
    return s.len;
}

static const char *header_fault(struct span header)
{
    size_t close = find_before_comment(header, "]");
    struct span behind = span_trim(span_part(header, close + 1, header.len));

    if (close == header.len)
        return "has no ]";
    if (close - 1 > CONFIG_HEADER_MAX)
        return "is a section's header of more than 48 characters";
    if (behind.len > 0 && behind.ptr[0] != '#' && behind.ptr[0] != ';')
        return "has more than a comment behind the ]";
    return NULL;
}

const char *config_line_fault(struct span line)
{
    struct span content = span_trim(line);

    for (size_t i = 0; i < line.len; i++)
        if (((uint8_t)line.ptr[i] < ' ' && line.ptr[i] != '\t') || line.ptr[i] == 0x7f)
            return "holds a control character";
    if (line.len > CONFIG_LINE_BYTES_MAX)
        return "is a line of more than 1024 bytes";
    if (!utf8_valid(line))
        return "is not UTF-8";
    if (content.len == 0 || content.ptr[0] == '#' || content.ptr[0] == ';')
        return NULL;
    if (content.ptr[0] == '[')
        return header_fault(content);
    if (find_before_comment(content, "=:") == content.len)
        return "is no \"key = value\", [section] or # comment";
    return NULL;
}
