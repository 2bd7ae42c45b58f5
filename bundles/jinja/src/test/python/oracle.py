"""Python's Jinja2 as the oracle of this engine, set up as transformers does it for chat templates.

    oracle.py templates FOLDER > cases.json     every FOLDER/*.jinja over the conversations below
    oracle.py golden > ../resources/golden.json the cases that the unit tests check
    oracle.py fuzz SEED COUNT > cases.json      random templates

The files are read by `Differential` beside the unit tests. Needs Jinja2 3.1 (Debian: python3-jinja2).
"""

import copy
import datetime
import json
import pathlib
import random
import sys
import warnings

import jinja2
from jinja2.ext import Extension, loopcontrols
from jinja2.nodes import CallBlock, Impossible, Slice
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)


class Raised(jinja2.exceptions.TemplateError):
    pass


class Generation(Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return CallBlock(self.call_method("_render"), [], [], body).set_lineno(line)

    def _render(self, caller):
        return caller()


def raise_exception(message):
    raise Raised(message)


def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)


def environment():
    env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True, extensions=[Generation, loopcontrols])
    env.filters["tojson"] = tojson
    env.filters["from_json"] = json.loads
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda format: NOW.strftime(format)
    return env


ENVIRONMENT = environment()


def not_constant(self, eval_ctx=None):
    raise Impossible()


# A slice of a number is an error; only if all around it is constant, Python works it out early and makes it undefined.
Slice.as_const = not_constant
warnings.simplefilter("ignore", SyntaxWarning)


def outcome(source, context):
    """What Python makes of a template: one of output, raised (with the template's own message) and error; none if its stack
    was too small."""
    try:
        return {"output": ENVIRONMENT.from_string(source).render(**copy.deepcopy(context))}
    except Raised as refused:
        return {"raised": str(refused.message)}
    except RecursionError:
        return None
    except Exception as failed:
        return {"error": f"{type(failed).__name__}: {failed}"}


# -- conversations

def tool(name, description, **properties):
    return {"type": "function", "function": {"name": name, "description": description, "parameters": {
        "type": "object", "properties": properties, "required": list(properties)[:1]}}}


TOOLS = [
    tool("get_weather", "Weather \"now\" in a city & its <suburbs>",
         city={"type": "string", "description": "Name of the city"},
         unit={"type": "string", "enum": ["celsius", "fahrenheit"], "default": "celsius"}),
    tool("sum", "Adds numbers", numbers={"type": "array", "items": {"type": "number"}},
         options={"type": "object", "properties": {"round": {"type": "boolean"}}}),
]
ODD = "Ünïcode 😀👩‍👩‍👧 \"double\" 'single' {{ braces }} {% tags %} <|im_end|> \\n back\\slash\n\n  indented\ttab \u2028 line\n"


def call(name, arguments, id="abcd12345"):
    return {"type": "function", "id": id, "function": {"name": name, "arguments": arguments}}


def turns(*pairs):
    return [{"role": role, "content": content} for role, content in pairs]


def conversations():
    one = turns(("user", "Hello, who are you?"))
    several = turns(("system", "You are helpful."), ("user", "Hi"), ("assistant", "Hello!"), ("user", "2+2?"),
                    ("assistant", "It is 4."), ("user", "Thanks"))
    called = turns(("user", "Weather in Paris?")) + [
        {"role": "assistant", "content": "", "tool_calls": [call("get_weather", {"city": "Paris", "unit": "celsius"})]},
        {"role": "tool", "name": "get_weather", "tool_call_id": "abcd12345", "content": "{\"temperature\": 21.5}"}]
    parallel = turns(("system", "Use tools."), ("user", "Paris and 1+2?")) + [
        {"role": "assistant", "content": "Both.", "tool_calls": [
            call("get_weather", {"city": "Paris"}), call("sum", {"numbers": [1, 2.5, True, None], "options": {}},
                                                         "efgh67890")]},
        {"role": "tool", "name": "get_weather", "tool_call_id": "abcd12345", "content": "sunny"},
        {"role": "tool", "name": "sum", "tool_call_id": "efgh67890", "content": "3.5"},
        {"role": "assistant", "content": "Sunny, and 3.5."}, {"role": "user", "content": "Great."}]
    reasoned = turns(("user", "Think.")) + [
        {"role": "assistant", "content": "Done.", "reasoning_content": "First\nthen."},
        {"role": "user", "content": "Again."},
        {"role": "assistant", "content": "<think>\nhm\n</think>\n\nYes.", "reasoning_content": None},
        {"role": "user", "content": "And now?"}]
    reasoned_call = turns(("user", "Think and call.")) + [
        {"role": "assistant", "content": None, "reasoning_content": "I need the weather.", "thinking": "hm",
         "tool_calls": [call("get_weather", {"city": "Rome"})]},
        {"role": "tool", "tool_call_id": "abcd12345", "content": "rain"}]
    parts = [
        {"role": "system", "content": [{"type": "text", "text": "Be brief."}]},
        {"role": "user", "content": [{"type": "text", "text": "What is "}, {"type": "text", "text": "this?"}]},
        {"role": "assistant", "content": [{"type": "text", "text": "A test."}]},
        {"role": "user", "content": [{"type": "text", "text": "Sure?"}]}]
    pictured = [{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": "Describe."}]}]
    odd = turns(("system", ODD), ("user", ODD), ("assistant", "  " + ODD + "  "), ("user", "\n" + ODD))
    as_text = turns(("user", "Weather?")) + [
        {"role": "assistant", "content": None, "tool_calls": [call("get_weather", "{\"city\": \"Köln\", \"n\": 1}")]},
        {"role": "tool", "tool_call_id": "abcd12345", "content": [{"type": "text", "text": "fog"}]}]
    odd_call = turns(("user", ODD)) + [
        {"role": "assistant", "content": ODD, "tool_calls": [
            call("sum", {"text": ODD, "list": [ODD, {"a\"b": [1, [2, []]]}], "deep": {"x": {"y": None}}, "f": 1e20,
                         "g": 0.1, "t": True, "long": 12345678901234567890})]},
        {"role": "tool", "name": "sum", "tool_call_id": "abcd12345", "content": ODD}]
    tokens = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>", "pad_token": "<pad>"}
    standard = {"tools": None, "documents": None, "add_generation_prompt": True, **tokens}

    def given(messages, **more):
        return {"messages": messages, **standard, **more}

    yield "one user turn", given(one)
    yield "one user turn without variables", {"messages": one, "add_generation_prompt": True, "bos_token": "<s>",
                                              "eos_token": "</s>"}
    yield "several turns", given(several)
    yield "several turns, answered", given(several[:5], add_generation_prompt=False)
    yield "tools offered", given(one, tools=TOOLS)
    yield "tools offered, with system", given(several, tools=TOOLS)
    yield "tool called and answered", given(called, tools=TOOLS)
    yield "tool called", given(called[:2], tools=TOOLS, add_generation_prompt=False)
    yield "parallel calls", given(parallel, tools=TOOLS)
    yield "parallel calls without tools", given(parallel)
    yield "reasoning", given(reasoned)
    yield "thinking off", given(reasoned, enable_thinking=False, thinking=False, reasoning_effort="low")
    yield "thinking on", given(reasoned, enable_thinking=True, thinking=True, reasoning_effort="high")
    yield "reasoning and a call", given(reasoned_call, tools=TOOLS)
    yield "parts", given(parts)
    yield "a picture", given(pictured)
    yield "odd strings", given(odd)
    yield "odd strings in calls", given(odd_call, tools=TOOLS)
    yield "arguments as text", given(as_text, tools=TOOLS)
    yield "documents", given(one, documents=[{"title": "A", "text": "b"}, {"title": "C", "text": ODD}])
    yield "assistant first", given(turns(("assistant", "Hi."), ("user", "Hm.")))
    yield "two users", given(turns(("user", "a"), ("user", "b")))
    yield "unknown role", given(turns(("user", "a"), ("narrator", "b")))
    yield "developer", given(turns(("developer", "Be kind."), ("user", "b")), tools=TOOLS)
    yield "nothing", given([])
    yield "no content", given([{"role": "user"}])


def templates(folder):
    for path in sorted(pathlib.Path(folder).glob("*.jinja")):
        source = path.read_text(encoding="utf-8")
        for name, context in conversations():
            yield f"{path.name}: {name}", source, context


# -- random templates

CONTEXT = {
    "s": "Hello World", "t": " a,b ,c \n", "e": "", "u": "ünï 😀 x", "q": "it's \"q\" <b>&amp;", "n": 7, "z": 0, "m": -3,
    "f": 2.5, "g": 1e20, "h": -0.125, "yes": True, "no": False, "nil": None, "l": [3, 1, 2], "ls": ["b", "A", "c", "a"],
    "x": [], "d": {"b": 1, "a": [1, 2], "items": "key", "c": None}, "k": {}, "nested": [[1, 2], [3], []],
    "people": [{"name": "Ann", "age": 30, "tags": ["x", "y"]}, {"name": "bob", "age": 25, "tags": []},
               {"name": "Cid", "age": 30}],
    "messages": [{"role": "user", "content": " hi\n"}, {"role": "assistant", "content": "yo", "tool_calls": [
        {"function": {"name": "f", "arguments": {"a": 1, "b": "two"}}}]}, {"role": "tool", "content": None}],
}
NAMES = list(CONTEXT) + ["missing", "v", "w", "loop"]
LITERALS = ["1", "0", "-2", "3.5", "1e3", "'a'", "'b c'", "\"it's\"", "''", "'\\n'", "true", "false", "none", "[]", "{}", "()",
            "[1, 2, 3]", "('a', 1)", "(1,)", "{'a': 1, 'b': [2]}", "'%s-%d'", "'{} {x}'", "'é\\t\\x41'", "12345678901234567890",
            "0x1f", "1_000"]
FILTERS = ["upper", "lower", "trim", "length", "list", "string", "tojson", "int", "float", "first", "last", "reverse",
           "reverse|list", "sort", "unique|list", "join", "join(', ')", "join('-', attribute='name')", "default('D')",
           "default('D', true)", "d", "capitalize", "title", "abs", "round", "round(1)", "round(1, 'floor')",
           "replace('a', 'b')", "replace('l', 'LL', 1)", "indent", "indent(2, true)", "indent('> ', blank=true)", "dictsort",
           "items|list", "map('upper')|list", "map(attribute='name')|list", "map(attribute='age', default=0)|list",
           "selectattr('age')|list", "selectattr('age', 'gt', 26)|list", "rejectattr('tags')|list", "select|list",
           "select('string')|list", "reject('none')|list", "select('in', [1, 'a'])|list", "map('string')|join('|')", "sum",
           "sum(start=10)", "sum(attribute='age')", "min", "max", "batch(2)|list", "batch(2, 'x')|list", "slice(2)|list",
           "groupby('age')", "groupby('name')|list", "truncate(5)", "truncate(8, true)", "truncate(6, false, '..', 0)",
           "wordcount", "center(9)", "e", "safe", "escape", "forceescape", "tojson(indent=2)", "tojson(sort_keys=true)",
           "tojson(ensure_ascii=true)", "tojson(separators=(',', ':'))", "format(1, 2)", "format(x=1)", "attr('name')",
           "count", "urlencode", "filesizeformat", "xmlattr", "sort(reverse=true)", "sort(attribute='name')",
           "sort(attribute='age,name')", "sort(case_sensitive=true)", "min(attribute='age')", "max(attribute='name')",
           "int(default=5)", "int(base=16)", "trim('H')", "string|length"]
TESTS = ["defined", "undefined", "none", "string", "number", "mapping", "sequence", "iterable", "boolean", "true", "false",
         "integer", "float", "odd", "even", "divisibleby(2)", "divisibleby 3", "lower", "upper", "in [1, 'a']", "eq 1", "ne(2)",
         "gt 1", "lt(2)", "ge 3", "le 3", "equalto 'a'", "sameas none", "callable", "escaped", "filter", "test",
         "in s", "==(1)"]
METHODS = ["upper()", "lower()", "strip()", "lstrip()", "rstrip()", "strip('Hd')", "split()", "split(',')", "split('l', 1)",
           "rsplit('l', 1)", "rsplit()", "rsplit(None, 1)", "splitlines()", "splitlines(true)", "startswith('H')",
           "startswith(('a', 'H'))", "endswith('d')", "replace('l', 'L')", "replace('', '-')", "replace('l', '', 1)", "title()",
           "capitalize()", "swapcase()", "find('o')", "rfind('o')", "index('o')", "count('l')", "count('l', 3)",
           "find('l', 4)", "find('l', -3, -1)", "join(['a', 'b'])", "join(ls)", "isdigit()", "isalpha()", "isspace()",
           "isupper()", "islower()", "istitle()", "isalnum()", "isnumeric()", "isdecimal()", "isidentifier()", "zfill(5)",
           "center(20)", "center(20, '*')", "ljust(14)", "rjust(14, '.')", "partition('o')", "rpartition('o')",
           "removeprefix('He')", "removesuffix('ld')", "expandtabs()", "expandtabs(4)", "casefold()", "format(1, x=2)",
           "format('a', 'b', x='c')", "values()", "get('a')", "get('zz', 'dflt')", "get('b', default=1)",
           "items()|list", "keys()|list", "values()|list", "copy()", "append(1)", "update({})", "count(1)",
           "index(2)", "is_integer()", "bit_length()", "nomethod()"]
ATTRIBUTES = ["name", "a", "items", "0", "role", "content", "length", "upper", "__class__", "_x", "real", "append"]
ITEMS = ["0", "-1", "1", "'a'", "'b'", "'items'", "'name'", "99", "1:", ":2", "::-1", ":-1", "::2", "-2:", "2:0:-1", "5:1",
         "none", "1.0", "true", "missing", "'upper'"]
OPERATORS = ["+", "-", "*", "/", "//", "%", "**", "~", "==", "!=", "<", ">", "<=", ">=", "and", "or", "in", "not in"]
FORMATS = ["{:>8}", "{:<8}|", "{:^9}", "{:08.2f}", "{:+d}", "{:,}", "{:x}", "{:#b}", "{:.3}", "{:e}", "{:%}", "{!r}", "{!s:>6}",
           "{0}{0}", "{a}", "{0[0]}", "{0.name}", "{:{}}", "{{}}", "{:*^7}", "{:_}", "{:g}", "{:.0f}", "{:5}", "{:05}"]
PRINTFS = ["%s", "%5s|", "%-5s|", "%d", "%05d", "%+.2f", "%x", "%#x", "%e", "%g", "%r", "%%", "%.2s", "%(a)s", "%c", "%i", "%o",
           "% d", "%s %s", "%5.1f", "%G"]


class Fuzz:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.loops = 0

    def pick(self, *choices):
        return self.random.choice(choices)

    def one(self, choices):
        return self.random.choice(choices)

    def chance(self, probability):
        return self.random.random() < probability

    def expression(self, depth=0):
        r = self.random.random()
        if depth > 3 or r < 0.25:
            return self.one(NAMES) if self.chance(0.7) else self.one(LITERALS)
        inner = self.expression(depth + 1)
        if r < 0.42:
            return f"{inner}|{self.one(FILTERS)}"
        if r < 0.52:
            return f"{self.atom(inner)}.{self.one(METHODS)}"
        if r < 0.57:
            return f"{self.atom(inner)}.{self.one(ATTRIBUTES)}"
        if r < 0.64:
            return f"{self.atom(inner)}[{self.one(ITEMS) if self.chance(0.7) else self.expression(depth + 1)}]"
        if r < 0.78:
            return f"{inner} {self.one(OPERATORS)} {self.expression(depth + 1)}"
        if r < 0.83:
            return f"{inner} is {self.pick('', 'not ')}{self.one(TESTS)}"
        if r < 0.86:
            return f"{self.expression(depth + 1)} if {inner}" + (
                f" else {self.expression(depth + 1)}" if self.chance(0.7) else "")
        if r < 0.88:
            return f"{self.pick('not ', '-', '+')}{inner}"
        if r < 0.91:
            return f"[{inner}, {self.expression(depth + 1)}]"
        if r < 0.93:
            return f"{{{self.expression(depth + 2)}: {inner}}}"
        if r < 0.95:
            return f"'{self.one(FORMATS)}'.format({inner}{', a=' + self.expression(depth + 1) if self.chance(0.4) else ''})"
        if r < 0.97:
            return f"'{self.one(PRINTFS)}' % {self.pick(inner, '(' + inner + ',)', '{' + repr('a') + ': ' + inner + '}')}"
        if r < 0.98:
            return f"range({inner})|list"
        return f"({inner})"

    def atom(self, text):
        return text if text.isidentifier() or text[-1:] in ")]}" and text[0] in "([{" else f"({text})"

    def text(self):
        return "".join(self.one([" ", "  ", "\n", "\n\n", "a", "b c", "\t", "{", "}", "%", "#", "'", "é", "😀", "\r\n", "- "])
                       for _ in range(self.random.randint(0, 4)))

    def tag(self, inside):
        left, right = self.one(["", "", "-", "+"]), self.one(["", "", "-", "+"])
        return f"{{%{left} {inside} {right}%}}"

    def output(self):
        left, right = self.one(["", "", "-"]), self.one(["", "", "-"])
        return f"{{{{{left} {self.expression()} {right}}}}}"

    def body(self, depth):
        return "".join(self.piece(depth + 1) for _ in range(self.random.randint(0, 3)))

    def piece(self, depth=0):
        r = self.random.random()
        if depth > 3 or r < 0.3:
            return self.text()
        if r < 0.5:
            return self.output()
        if r < 0.56:
            left, right = self.one(["", "-", "+"]), self.one(["", "-", "+"])
            return f"{{#{left} c {{{{ x }}}} {right}#}}"
        if r < 0.66:
            return self.tag(f"set {self.pick('v', 'w', 'v, w', 'n', 'ns.a', 's')} = {self.expression()}")
        if r < 0.76:
            parts = self.tag(f"if {self.expression()}") + self.body(depth)
            if self.chance(0.3):
                parts += self.tag(f"elif {self.expression()}") + self.body(depth)
            if self.chance(0.5):
                parts += self.tag("else") + self.body(depth)
            return parts + self.tag("endif")
        if r < 0.88:
            target = self.pick("v", "v", "w", "v, w", "n")
            items = self.pick("l", "ls", "d", "people", "messages", "nested", "d.items()", "s", "range(3)", "x", "missing",
                              self.expression(2))
            test = f" if {self.expression(2)}" if self.chance(0.2) else ""
            recursive = " recursive" if self.chance(0.08) else ""
            self.loops += 1
            inside = self.body(depth)
            if self.chance(0.6):
                inside += "{{ loop." + self.pick("index", "index0", "first", "last", "length", "revindex", "previtem",
                                                 "nextitem", "cycle('a', 'b')", "changed(v)", "depth", "revindex0") + " }}"
            if self.chance(0.15):
                inside += self.tag("if " + self.expression(2)) + self.tag(self.pick("break", "continue")) + self.tag("endif")
            inside += self.body(depth)
            self.loops -= 1
            end = self.tag("else") + self.body(depth) if self.chance(0.2) else ""
            return self.tag(f"for {target} in {items}{test}{recursive}") + inside + end + self.tag("endfor")
        if r < 0.92:
            name = self.pick("mac", "mac2")
            arguments = self.pick("", "v", "v, w=2", "v=n, w=v")
            use = self.pick("", "caller()", "kwargs", "varargs", "caller(1)")
            text = self.tag(f"macro {name}({arguments})") + self.body(depth) + ("{{ " + use + " }}" if use else "") + \
                self.tag("endmacro")
            given = self.pick("", "1", "1, 2", "w=3", "s, w=n", "1, 2, 3", "zz=1", "*l", "**k")
            return text + self.text() + (f"{{{{ {name}({given}) }}}}" if self.chance(0.6) else
                                         self.tag(f"call{self.pick('', '', '(v)')} {name}({given})") + self.body(depth) +
                                         self.tag("endcall"))
        if r < 0.94:
            return self.tag(f"set {self.pick('v', 'w')}{self.pick('', ' | upper', ' | trim | length')}") + self.body(depth) + \
                self.tag("endset")
        if r < 0.955:
            return self.tag(f"filter {self.pick('upper', 'trim', 'indent(2)', 'replace(v, w)')}") + self.body(depth) + \
                self.tag("endfilter")
        if r < 0.97:
            return self.tag(f"with {self.pick('v = 1', 'v = n, w = v', 's = s')}") + self.body(depth) + self.tag("endwith")
        if r < 0.98:
            return self.tag("raw") + self.text() + "{{ x }}" + self.tag("endraw")
        if r < 0.99:
            return self.tag("generation") + self.body(depth) + self.tag("endgeneration")
        return self.tag("set ns = namespace(a=1)") + self.body(depth) + "{{ ns.a }}"

    def template(self):
        if self.chance(0.5):
            return f"{{{{ {self.expression()} }}}}"
        return "".join(self.piece() for _ in range(self.random.randint(1, 6)))


def comparable(result):
    """Whether a result says something about the language, and not about addresses, sets (which views
    of maps can make) or a constant that Python works out although it is never reached."""
    if result.get("error", "").startswith("TypeError: unhashable type"):
        return False
    text = result.get("output", "").lower()
    return not any(sign in text for sign in (" at 0x", "<built-in method", "<bound method", "<function", "set()")) and len(text) < 100000


def fuzz(seed, count):
    random_templates = Fuzz(seed)
    for number in range(count):
        source = random_templates.template()
        if "**" in source and ("12345678901234567890" in source or "g" in source):
            continue
        yield f"{seed}/{number}", source, CONTEXT


def write(cases, told=lambda result: True):
    """One line a case, of those whose result tells something; contexts that repeat are written once."""
    contexts = {}
    print("[")
    first = True
    for name, source, context in cases:
        result = outcome(source, context)
        if result is None or not told(result):
            continue
        key = json.dumps(context)
        values = {} if key in contexts else {"values": context}
        case = {"name": name, "template": source, "context": contexts.setdefault(key, len(contexts)), **values}
        print("" if first else ",\n", json.dumps({**case, **result}), end="", sep="")
        first = False
    print("\n]")


if __name__ == "__main__":
    if sys.argv[1:2] == ["templates"] and len(sys.argv) == 3:
        write(templates(sys.argv[2]))
    elif sys.argv[1:] == ["golden"]:
        from snippets import snippets
        write([*snippets(), *fuzz(1, 500)], comparable)
    elif sys.argv[1:2] == ["fuzz"] and len(sys.argv) == 4:
        write(fuzz(int(sys.argv[2]), int(sys.argv[3])), comparable)
    else:
        sys.exit(__doc__)
