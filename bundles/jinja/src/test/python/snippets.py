"""Templates of our own whose output under Python's Jinja2 the unit tests expect: one thing each."""

from oracle import CONTEXT

CHATML = """{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- "# Tools\\n<tools>" }}
    {%- for tool in tools %}
        {{- "\\n" }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- "\\n</tools><|im_end|>\\n" }}
{%- elif messages[0].role == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif %}
{%- set ns = namespace(last=messages|length - 1, seen=false) %}
{%- for message in messages[::-1] %}
    {%- set index = (messages|length - 1) - loop.index0 %}
    {%- if not ns.seen and message.role == "user" and message.content is string %}
        {%- set ns.last = index %}
        {%- set ns.seen = true %}
    {%- endif %}
{%- endfor %}
{%- for message in messages %}
    {%- if message.role == 'assistant' and message.tool_calls %}
        {{- '<|im_start|>assistant' }}
        {%- for call in message.tool_calls %}
            {%- if call.function %}{%- set call = call.function %}{%- endif %}
            {{- '\\n<tool_call>\\n{"name": "' ~ call.name ~ '", "arguments": ' ~ (call.arguments | tojson) ~ '}\\n</tool_call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {%- if loop.first or messages[loop.index0 - 1].role != 'tool' %}{{- '<|im_start|>user' }}{%- endif %}
        {{- '\\n<tool_response>\\n' }}{{- message.content }}{{- '\\n</tool_response>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{- '<|im_end|>\\n' }}{%- endif %}
    {%- elif not (loop.first and message.role == 'system') %}
        {%- set content = message.content if message.content is string else message.content | map(attribute='text') | join %}
        {%- if '</think>' in content and loop.index0 <= ns.last %}
            {%- set content = content.split('</think>')[-1].lstrip('\\n') %}
        {%- endif %}
        {{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>' + '\\n' }}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and enable_thinking is false %}
        {{- '<think>\\n\\n</think>\\n\\n' }}
    {%- endif %}
{%- endif %}
"""

EXPRESSIONS = """
1 + 2 * 3 - 4 / 2|7 // 2|-7 // 2|7 % 3|-7 % 3|7 % -3|-7.5 % 2|7.5 // -2|2 ** 10|2 ** 0.5|-2 ** n|-2 ** (1 + 1)|-1.5 ** n|2 ** -1|-2 ** 2|2 ** 3 ** 2|1 / 3
10 / 2|1e16|1e15|123456789.123|1e-4|1e-5|0.1 + 0.2|1e22|1e300 * 1e10|-0.0|3.0|100|9223372036854775807 + 1
2 ** 100|-(2 ** 63)|12345678901234567890 // 7|12345678901234567890 % 7|true + true|true * 3|-true|+true|1 == 1.0|1 == true|0 == false
"1" == 1|none == false|"a" < "b"|"a" < "B"|"" < "a"|[1, 2] < [1, 3]|(1, 2) < (1,)|1 < 2 < 3|1 < 2 > 3|3 > 2 == true
"a" ~ 1 ~ none ~ true ~ 1.5|"a" + "b"|[1] + [2]|(1,) + (2,)|"ab" * 3|3 * "ab"|[1] * 2|"ab" * -1|not 1|not ""|not not 1
1 and 2|0 and 2|0 or 2|"" or none|1 or missing.x|n if yes else s|n if no else s|n if no|(n if no) is defined|1 if 0 else 2 if 0 else 3
"ell" in s|"x" in s|"x" not in s|1 in l|9 in l|"a" in d|"z" in d|1 in d.values()|("a", [1, 2]) in d.items()|none in [none]|"" in ""
s[0]|s[-1]|s[1:3]|s[::-1]|s[::2]|s[-3:]|s[:-3]|s[5:1:-1]|s[10:]|s[99]|l[0]|l[-1]|l[1:]|l[::-1]|l[5]|l["0"]|l.0|d["a"]|d.a|d.items
d["items"]|d.missing|d["missing"]|d.a[0]|nested[0][1]|nested.0.1|people[0].name|people[0]["name"]|s.upper|u[4]|u[4:6]|u|length
(u)[::-1]|[]|[1, "a", none, true, 1.5]|()|(1,)|(1, 2)|{}|{"a": 1, "b": [1, {"c": none}]}|{1: 2, true: 3}|{1.0: "a"}[1]|{none: 1}
[[], {}, ()]|["it's", 'say "x"', "both ' and \\""]|["\\n\\t\\\\", "é", "\\x00\\x7f", "\\u2028", "\\u200b", "😀"]|"a" "b"|'\\u00e9\\x41\\101'
'\\d \\é'|"\\N{BULLET}"|0x1f + 0b11 + 0o17 + 1_000|1.5e3|1_0.0_1|"%s" % 1|"%s %r" % ("a", "a")|"%d" % 3.9|"%05.1f|" % 2.25|"%x %X %o" % (255, 255, 8)
"%(a)s" % {"a": 1}|"%-5s|%5s|" % ("a", "b")|"%+d % d" % (1, 1)|"%e" % 12345.678|"%g %g" % (1e10, 0.0001)|"%c%c" % (65, "b")|"%%"|"%.3s" % "abcdef"
"%s" % [1]|"%s" % (1, 2)|"%d" % "a"|"%q" % 1|"{} {}".format(1, 2)|"{1} {0}".format(1, 2)|"{a}".format(a=1)|"{0[a]} {0.b}".format({"a": 1, "b": 2})
"{:>5}|{:<5}|{:^5}|".format("a", "b", "c")|"{:05d} {:,} {:_}".format(42, 1234567, 1234567)|"{:.2f} {:.0f} {:e} {:g} {:%}".format(3.14159, 2.5, 1234.5, 1e-10, 0.25)
"{:x} {:#x} {:b} {:o} {:c}".format(255, 255, 5, 8, 65)|"{!r} {!s}".format("a", "a")|"{{}} {}".format(1)|"{:{}}|".format("a", 4)|"{:*^9}".format("mid")
"{:+} {: }".format(1, 1)|"{:.3}".format("abcdef")|"{:.3}".format(1234.5)|"{}".format(none)|"{:>6}".format(true)|"{:010,.2f}".format(1234.5)|"{".format()
range(3)|range(3)|list|range(1, 10, 3)|list|range(5, 0, -2)|list|range(0)|list|range(10)[2:8:2]|range(200000)|dict(a=1, b=2)|dict([("a", 1)], b=2)
namespace(a=1).a|namespace(a=1).b|namespace({"a": 1})|joiner("|")()|cycler(1, 2).next()|missing|missing.x|missing()|missing + 1|missing ~ "a"|missing == missing|{missing: 1}[w]
missing|list|missing|length|missing|string|missing|tojson|missing in [1]|1 in missing|-missing|missing < 1|nil.x|nil["x"]|n.x|n()|s()|nil + 1|1 + "a"|"a" + 1
[] + ()|{} + {}|"a" - "b"|none < 1|[] < ()|1 / 0|1 % 0|1 // 0|1.0 / 0|0 ** -1|l.append(1)|l.sort()|d.pop("a")|d.update({})|d.__class__|s.__class__.__mro__
l.__len__()|(1).real|2.5.is_integer()|raise_exception("no " ~ n)|strftime_now("%Y-%m-%d %H:%M:%S %A %d %B %b %y %j %-d %e %p %I")
"a,b" is string|s is string|n is number|yes is number|yes is integer|n is integer|f is float|nil is none|missing is defined|missing is undefined|d is mapping
l is sequence|s is sequence|d is sequence|d.items() is sequence|(l|map("string")) is sequence|n is sequence|l is iterable|n is iterable|missing is iterable
yes is boolean|yes is true|n is true|no is false|z is false|3 is odd|3 is even|9 is divisibleby 3|9 is divisibleby(2)|"a" is lower|"A" is upper|"aB" is lower
1 is eq 1|1 is equalto(2)|1 is ne 2|1 is lt 2|2 is ge 2|2 is gt(1)|"a" is in "abc"|"a" is in ["b"]|nil is sameas none|1 is sameas true|range is callable|s is callable
s is not string|not s is string|s is string and n is number|"upper" is filter|"nope" is filter|"odd" is test|1 is nope|1 is string or true|("a"|safe) is escaped
"""

FILTERS = """
s|upper|lower|title|capitalize:s, "hELLO wORLD", "it's a-b (c) <d>", u, "ß", "", n
trim|length|list|string|first|last|reverse|wordcount:s, t, e, u, l, d, x, missing, n
tojson|tojson(indent=2)|tojson(indent=4)|tojson(sort_keys=true)|tojson(separators=(",", ":"))|tojson(ensure_ascii=true):s, u, q, n, f, g, nil, yes, d, nested, people, x, k, (1, 2), "\\u2028\\x01\\x7f/", {1: 2, none: 3, true: 4, 1.5: 5}, range(2), missing
int|float|abs|round|round(1)|round(2, "ceil")|round(1, "floor")|filesizeformat:n, m, f, h, 2.5, 3.5, -2.5, 1234567, 0.05, "12", " 7 ", "3.7", "x", "1_0", yes
int(base=16)|int(base=2)|int("d"):"ff", "0x1f", "101", "z"
default("D")|default("D", true)|d|default(default_value=1, boolean=true):missing, e, nil, z, s, x
join|join(", ")|join("-", attribute="name")|join(n)|sort|sort(reverse=true)|unique|min|max|sum:l, ls, people, [1.5, 2], ["b", "B", "a"], x
map("upper")|list;map(attribute="name")|list;map(attribute="age", default=0)|list;map(attribute="tags.0")|list;selectattr("age")|list;selectattr("age", "gt", 26)|list;rejectattr("tags")|list;select|list;select("string")|list;reject("odd")|list;map("nope")|list;select("nope")|list;map|list;groupby("age");groupby("age")|map("first")|list;sort(attribute="name");sort(attribute="age,name");sum(attribute="age");min(attribute="age");batch(2)|list;batch(2, "-")|list;slice(2)|list;slice(2, "-")|list;unique(attribute="age")|list:people, l, ls
dictsort|dictsort(reverse=true)|dictsort(by="value")|items|xmlattr|urlencode|length|list|tojson:{"b": 1, "A": 3, "c": 2}, k, d, [("a", 1)], missing
replace("l", "L")|replace("l", "L", 1)|replace("", "-")|indent|indent(2, true)|indent(2, false, true)|indent("> ")|truncate(5)|truncate(8, true)|truncate(8, false, "", 0)|center(20)|urlencode|e|safe|forceescape:s, "a\\n\\nb\\n", q, "one two three four"
format(1, 2)|format(a=1)|attr("upper")|attr("nope")|nope|count:"%s-%s", "%(a)s", d
"""

METHODS = """
upper()|lower()|title()|capitalize()|swapcase()|casefold()|strip()|lstrip()|rstrip()|strip(" Hd")|split()|split(",")|split("l", 1)|split(none, 1)|split("")|rsplit("l", 1)|rsplit(none, 1)|splitlines()|splitlines(true)|startswith("H")|startswith(("x", "H"))|startswith("e", 1)|endswith("d")|endswith("l", 0, -1)|replace("l", "L")|replace("l", "", 1)|replace("", "-")|find("l")|find("l", 5)|find("z")|rfind("l")|index("l")|index("z")|count("l")|count("")|join(["a", "b"])|join("xyz")|join([1])|partition("l")|rpartition("l")|removeprefix("He")|removesuffix("ld")|zfill(14)|center(15, "*")|ljust(13, ".")|rjust(13)|expandtabs(4)|isdigit()|isalpha()|isalnum()|isspace()|isupper()|islower()|istitle()|isascii()|isidentifier()|nope()|upper(1)|strip(1):s, " a,b ,c\\t", "", "ünï 😀 x", "123", "A\\nb\\r\\nc"
get("a")|get("z")|get("z", 1)|get("z", default=1)|items()|keys()|values()|items()|list|copy()|keys()|list|first|values()|join(",")|clear()|setdefault("a", 1):d, k
index(1)|index(9)|count(1)|copy()|insert(0, 1)|reverse():l, (1, 2, 1)
"""

STATEMENTS = [
    "{% if n > 5 %}a{% elif n > 2 %}b{% else %}c{% endif %}", "{% if not messages %}a{% endif %}b",
    "{% for x in l %}{{ x }}{% if not loop.last %}, {% endif %}{% endfor %}", "{% for x in [] %}a{% else %}none{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}", "{% for k in d %}{{ k }}{% endfor %}",
    "{% for k, v in d|dictsort %}{{ k }}{{ v }}{% endfor %}", "{% for a, b in nested %}{{ a }}{% endfor %}",
    "{% for x in l if x > 1 %}{{ loop.index }}{{ x }}{{ loop.length }}{% endfor %}", "{% for x in missing %}a{% else %}b{% endfor %}",
    "{% for x in nil %}a{% endfor %}", "{% for x in 5 %}a{% endfor %}", "{% for c in u %}[{{ c }}]{% endfor %}",
    "{% for x in l %}{{ loop.index }} {{ loop.index0 }} {{ loop.revindex }} {{ loop.revindex0 }} {{ loop.first }} {{ loop.last }} "
    "{{ loop.length }} {{ loop.previtem }} {{ loop.nextitem }} {{ loop.depth }} {{ loop.cycle('a', 'b') }} {{ loop.changed(x > 1) }}|"
    "{% endfor %}", "{% for x in l|map('string') %}{{ loop.length }}{{ loop.last }}{{ x }}{% endfor %}",
    "{% for x in l %}{% if x == 1 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in l %}{% if x == 1 %}{% continue %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in [1] %}{% break %}{% else %}else{% endfor %}", "{% for x in [1] %}{% continue %}{% else %}else{% endfor %}",
    "{% for x in l %}{% for y in [1, 2] %}{{ loop.index }}{{ x }}{{ y }} {% endfor %}{{ loop.index }}{% endfor %}",
    "{% for x in [{'c': [{'c': []}, {}]}] recursive %}{{ loop.depth }}({% if x.c %}{{ loop(x.c) }}{% endif %}){% endfor %}",
    "{% for x in l %}{{ loop(l) }}{% endfor %}", "{% break %}", "{% for loop in l %}{% endfor %}",
    "{% set v = 1 %}{% for x in l %}{% set v = x %}{{ v }}{% endfor %}{{ v }}",
    "{% set v = 0 %}{% for x in l %}{{ v }}{% set v = v + x %}{% endfor %}{{ v }}",
    "{% set ns = namespace(v=0) %}{% for x in l %}{% set ns.v = ns.v + x %}{% endfor %}{{ ns.v }}",
    "{% set d.a = 1 %}", "{% if yes %}{% set v = 1 %}{% endif %}{{ v }}", "{% if no %}{% set n = 1 %}{% endif %}{{ n }}",
    "{% if no %}{% set n = 1 %}{% else %}{% set n = 2 %}{% endif %}{{ n }}", "{{ n }}{% set n = 1 %}{{ n }}",
    "{% for x in l %}{% if x > 1 %}{% set n = x %}{% endif %}{{ n }} {% endfor %}",
    "{% for x in l %}{{ v is defined }}{% set v = x %}{% endfor %}", "{% set a, b = 1, 2 %}{{ b }}{{ a }}",
    "{% set (a, (b, c)) = (1, (2, 3)) %}{{ a }}{{ b }}{{ c }}", "{% set a, b = [1] %}", "{% set a, b = 1, 2, 3 %}", "{% set a = 1, %}{{ a }}",
    "{% set v %}x{{ n }}{% endset %}[{{ v }}]", "{% set v | upper | replace('X', 'y') %}x{{ n }}{% endset %}{{ v }}",
    "{% set v %}{% set w = 1 %}{% endset %}{{ w is defined }}", "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% with %}{% set q = 1 %}{{ q }}{% endwith %}{{ q }}", "{% filter upper %}a{{ s }}{% endfilter %}", "{% filter indent(2)|trim %}\na\nb{% endfilter %}",
    "{% macro m(a, b=2) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 3) }}{{ m(b=4, a=5) }}{{ m() }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}", "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{% endmacro %}{{ m(z=1) }}", "{% macro m(a, b=a) %}{{ b }}{% endmacro %}{{ m(1) }}", "{{ m() }}{% macro m() %}x{% endmacro %}",
    "{% macro m(x) %}{{ x }}{% if x %}{{ m(x - 1) }}{% endif %}{% endmacro %}{{ m(3) }}", "{% macro m() %}{{ v }}{% endmacro %}{% set v = 1 %}{{ m() }}",
    "{% macro m() %}{% set v = 2 %}{{ v }}{% endmacro %}{% set v = 1 %}{{ m() }}{{ v }}", "{% macro m(a) %}{% endmacro %}{{ m.name }}{{ m.arguments }}{{ m }}",
    "{% macro m() %}[{{ caller() }}]{% endmacro %}{% call m() %}x{{ n }}{% endcall %}", "{% macro m() %}[{{ caller(1, b=2) }}]{% endmacro %}{% call(a, b) m() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro m() %}{{ caller() if caller else 'none' }}{% endmacro %}{{ m() }}", "{% macro m() %}x{% endmacro %}{% call m() %}y{% endcall %}",
    "{% macro m() %}{{ caller() }}{% endmacro %}{{ m(caller=1) }}", "{% macro outer() %}{% macro inner(x) %}<{{ x }}>{% endmacro %}{{ inner(1) }}{% endmacro %}{{ outer() }}",
    "{% generation %}a{% set v = 1 %}{{ v }}{% endgeneration %}{{ v is defined }}", "{% print n, s %}", "{{ 1, 2 }}", "{{ }}", "{% nope %}", "{% do x %}",
    "{% if %}{% endif %}", "{% if n %}", "{% endif %}", "{% for x in l %}{% endif %}", "{{ n", "{% if n", "{{ 'a }}", "{{ (1 }}", "{{ 1) }}", "{{ a b }}", "{{ 1a }}",
    "{{ n|nope }}", "{% if no %}{{ n|nope }}{% endif %}ok", "{% if yes %}{{ n|nope }}{% endif %}", "{{ n|nope if no else 1 }}", "{{ n is nope }}", "{% if no %}{{ n is nope }}{% endif %}ok",
    "{{ f(**{'a': 1}) }}", "{{ dict(**{'a': 1}) }}", "{{ range(*[1, 3])|list }}", "{{ dict(a=1, a=2) }}", "{{ dict(a=1, **{'a': 2}) }}", "{{ s.split(l, 1, *x) }}",
    "{{ 'a'|safe + '<' }}{{ '<' + 'a'|safe }}{{ ('<b>'|safe) ~ '<' }}{{ '<'|e }}{{ '%s<'|safe|format('<') }}", "{{ ('<b>'|safe).replace('b', '<') }}{{ ['<', '>'|safe]|join(',') }}",
    "{{ ', '.join(ls|map('upper')) }}", "{{ 'a' if missing else 'b' }}", "{{ -1|abs }}{{ (-1)|abs }}{{ 2**-1|abs }}{{ not 1|int }}", "{{ 1 if 1 else missing.x.y }}",
    "{{ [1, 2,] }}{{ {'a': 1,} }}{{ dict(a=1,) }}", "{{ {'a': {'b': {}}}}}", "{{ '}}' }}{{ '%}' }}{{ \"{{ n }}\" }}", "{{- 1 -}} {{- 2 }}", "{{ '\\\\n' }}{{ '\\\\\\\\' }}",
    "{{ nested|map('first')|list }}", "{{ [[1], [2]]|sum(start=[]) }}", "{{ people|map(attribute='name')|map('lower')|join(' ') }}", "{{ 'abc'|list|reverse|join }}",
    "{{ d|items|list }}{{ d.items()|list|length }}{{ d.keys() }}{{ d.values() }}{{ d.items() }}", "{{ loop }}", "{{ true }}{{ True }}{{ none }}{{ None }}",
    "{% set x = [] %}{% set y = x %}{{ x is sameas y }}", "{{ '{% raw %}' }}", "{% raw %}{{ n }}{% if %}{% endraw %}x", "{%- raw -%}  {{ n }}  {%- endraw -%}  x", "{% raw %}", "{# c", "a{#", "{# a #}b{#- c -#} d",
    "{% set content %}\n  a\n  {{- n }}\n{% endset %}[{{ content }}]",
]

SPACES = [
    "a\n{% if yes %}\nb\n{% endif %}\nc", "a\n  {% if yes %}  \n  b\n  {% endif %}  \nc\n", "a\n  {%- if yes -%}\n  b\n  {%- endif -%}\nc\n\n", "a {% if yes %} b {% endif %} c",
    "  {{ n }}\n  {{ n }}\n", "  {{- n -}}\n  {{- n -}}\n", "a\n  {%+ if yes %}\n  b{% endif +%}\n c", "a\n\t{# c #}\nb\n  {# c #} d\n", "a\n  {#- c -#}\n  b", "\n\n{% set v = 1 %}\n\n{{ v }}\n\n",
    "{% for x in l %}\n  {{ x }}\n{% endfor %}\n", "{% for x in l -%}\n  {{ x }}\n{%- endfor %}\nend", "a\r\n{% if yes %}\r\nb\r\n{% endif %}\r\n", "a\rb\r{{ '\r\n' }}", "\n", "\n\n", "", "x\n", "x\n\n", "  {% if yes %}{% endif %}  \n",
    "{% if yes %} {% if yes %}x{% endif %}{% endif %}", "a\u00a0{%- if yes %}b{% endif %}", "a\n\u2003{% if yes %}b{% endif %}", "{% set v %}\n a\n{% endset %}\n{{ v }}", "{% macro m() %}\n  x\n{% endmacro %}\n{{ m() }}\n{{ m() }}",
    "{{ n }}\n", "{{ n }}\n\n\n", "{% if yes %}\n\n\nx{% endif %}", "{{- '\n' -}}\n{{ n }}", "a\n  {% raw %}\n  b\n  {% endraw %}\nc", "a  {{-n}}  b", "{{-1}}{{+1}}", "{% if yes -%}\n\n  a\n\n  {%- else -%} b {%- endif %}\n c",
]


def cut(text, mark):
    """Parts between marks that are in no quotes and no brackets."""
    parts, depth, quote, start = [], 0, "", 0
    for i, c in enumerate(text):
        if quote:
            quote = "" if c == quote and text[i - 1] != "\\" else quote
        elif c in "'\"":
            quote = c
        elif c in "([{":
            depth += 1
        elif c in ")]}":
            depth -= 1
        elif c == mark and not depth:
            parts.append(text[start:i])
            start = i + 1
    return [part.strip() for part in [*parts, text[start:]]]


def snippets():
    number = 0

    def case(kind, source, context=CONTEXT):
        nonlocal number
        number += 1
        return f"{kind} {number}", source, context

    for line in EXPRESSIONS.strip().splitlines():
        for expression in cut(line, "|"):
            yield case("expression", "{{ " + expression + " }}")
    for line in FILTERS.strip().splitlines():
        filters, values = cut(line, ":")
        for chain in cut(filters, ";") if ";" in filters else cut(filters, "|"):
            for value in cut(values, ","):
                yield case("filter", "{{ " + value + "|" + chain + " }}")
    for line in METHODS.strip().splitlines():
        methods, values = cut(line, ":")
        for method in cut(methods, "|"):
            for value in cut(values, ","):
                yield case("method", "{{ (" + value + ")." + method + " }}")
    for source in STATEMENTS:
        yield case("statement", source)
    for source in SPACES:
        yield case("white space", source)
    from oracle import conversations
    for name, context in conversations():
        yield case("conversation: " + name + ",", CHATML, context)
