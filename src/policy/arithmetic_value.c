/* Expressions: two stacks (Dijkstra's shunting-yard), fixed point, no recursion. */
#include "base/check.h"
#include "policy/arithmetic.h"

enum {
    STACK_DEPTH = 16, /* of values and of operators; deeper is not judged */
    DECIMALS = 4,     /* of ARITHMETIC_UNIT */
    UNIT = ARITHMETIC_UNIT,
    PERCENT = 100,
};

#define WHOLE_MAX INT64_C(1000000000000)

struct sum {
    int64_t values[STACK_DEPTH];
    char signs[STACK_DEPTH];
    unsigned value_count;
    unsigned sign_count;
};

static bool multiply(int64_t a, int64_t b, int64_t *out)
{
    int64_t size = a < 0 ? -a : a;
    int64_t other = b < 0 ? -b : b;

    if (size != 0 && other > INT64_MAX / size)
        return false;
    *out = a * b / UNIT;
    return true;
}

static bool apply(struct sum *s)
{
    char sign = s->signs[--s->sign_count];
    int64_t b;
    int64_t *a;

    if (sign == '(' || s->value_count < 2)
        return false;
    b = s->values[--s->value_count];
    a = &s->values[s->value_count - 1];
    switch (sign) {
    case '+':
        *a += b;
        break;
    case '-':
        *a -= b;
        break;
    case '*':
        if (!multiply(*a, b, a))
            return false;
        break;
    default:
        if (b == 0 || *a > INT64_MAX / UNIT || *a < -(INT64_MAX / UNIT))
            return false;
        *a = *a * UNIT / b;
        break;
    }
    return *a <= WHOLE_MAX * UNIT && *a >= -WHOLE_MAX * UNIT;
}

static int rank(char sign)
{
    return sign == '*' || sign == '/' ? 2 : sign == '(' ? 0 : 1;
}

static bool push_sign(struct sum *s, char sign)
{
    while (sign != '(' && s->sign_count > 0 && rank(s->signs[s->sign_count - 1]) >= rank(sign))
        if (!apply(s))
            return false;
    if (s->sign_count == STACK_DEPTH)
        return false;
    s->signs[s->sign_count++] = sign;
    return true;
}

/* "1,234.5" at the front; commas only between groups of three. 0 bytes when there is no number. */
size_t arithmetic_number(struct span s, int64_t *out)
{
    int64_t value = 0;
    size_t i = 0;
    size_t decimals = 0;

    for (; i < s.len && value < WHOLE_MAX; i++) {
        if (s.ptr[i] == ',' && i > 0 && i + 3 < s.len && s.ptr[i + 1] >= '0' &&
            s.ptr[i + 1] <= '9' && s.ptr[i + 2] >= '0' && s.ptr[i + 2] <= '9' &&
            s.ptr[i + 3] >= '0' && s.ptr[i + 3] <= '9')
            continue;
        if (s.ptr[i] < '0' || s.ptr[i] > '9')
            break;
        value = value * 10 + (s.ptr[i] - '0');
    }
    if (i + 1 < s.len && s.ptr[i] == '.' && s.ptr[i + 1] >= '0' && s.ptr[i + 1] <= '9')
        for (i++; i < s.len && s.ptr[i] >= '0' && s.ptr[i] <= '9'; i++)
            if (decimals < DECIMALS) {
                value = value * 10 + (s.ptr[i] - '0');
                decimals++;
            }
    for (; decimals < DECIMALS; decimals++)
        value *= 10;
    *out = value;
    return i;
}

/* Multiplication and division signs beyond ASCII: their bytes, and what they mean. */
static size_t wide_sign(struct span s, char *sign)
{
    static const struct {
        const char *text;
        char means;
    } marks[] = {{"\xC3\x97", '*'}, {"\xC2\xB7", '*'}, {"\xC3\xB7", '/'}, {"\xE2\x88\x92", '-'},
                 {"\\*", '*'},      {"\\times", '*'},  {"\\div", '/'}};

    for (size_t i = 0; i < ARRAY_LEN(marks); i++)
        if (span_starts(s, span_str(marks[i].text))) {
            *sign = marks[i].means;
            return strlen(marks[i].text);
        }
    return 0;
}

/* What may stand in a sum without meaning: blanks and currencies. */
static size_t silent(struct span s)
{
    if (s.ptr[0] == ' ' || s.ptr[0] == '$')
        return 1;
    return span_starts(s, SPAN("\xE2\x82\xAC")) ? 3 : span_starts(s, SPAN("\xC2\xA3")) ? 2 : 0;
}

static bool close_parenthesis(struct sum *s)
{
    while (s->sign_count > 0 && s->signs[s->sign_count - 1] != '(')
        if (!apply(s))
            return false;
    return s->sign_count-- > 0;
}

/* An operand's place: a number, "(" or a minus. 0 when neither stands there. */
static size_t take_operand(struct sum *s, struct span rest, bool *operand)
{
    int64_t value;
    size_t len = arithmetic_number(rest, &value);

    if (len > 0 && s->value_count < STACK_DEPTH) {
        s->values[s->value_count++] = value;
        *operand = false;
        return len;
    }
    if (rest.ptr[0] == '-' && s->value_count < STACK_DEPTH) {
        s->values[s->value_count++] = 0;
        return push_sign(s, '-');
    }
    return rest.ptr[0] == '(' && push_sign(s, '(');
}

/* Behind an operand: a sign, ")" or "%". */
static size_t take_operator(struct sum *s, struct span rest, bool *operand)
{
    char sign = rest.ptr[0];
    size_t len = wide_sign(rest, &sign);

    if (sign == ')')
        return close_parenthesis(s);
    if (sign == '%' && s->value_count > 0) {
        s->values[s->value_count - 1] /= PERCENT;
        return 1;
    }
    if (sign == 'x')
        sign = '*';
    if (sign != '+' && sign != '-' && sign != '*' && sign != '/')
        return 0;
    *operand = true;
    return push_sign(s, sign) ? (len > 0 ? len : 1) : 0;
}

bool arithmetic_value(struct span expression, int64_t *out)
{
    struct sum s = {.value_count = 0};
    bool operand = true;

    while (expression.len > 0) {
        size_t len = silent(expression);

        if (len == 0)
            len = operand ? take_operand(&s, expression, &operand)
                          : take_operator(&s, expression, &operand);
        if (len == 0)
            return false;
        expression = span_part(expression, len, expression.len);
    }
    while (s.sign_count > 0)
        if (!apply(&s))
            return false;
    if (s.value_count != 1 || operand)
        return false;
    *out = s.values[0];
    return true;
}
