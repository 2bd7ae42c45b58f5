package meshwork.jinja;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.math.BigInteger;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.jinja.TemplateError.Kind;

/** What Python can't say about this engine: its errors, its limits, and what of the host it lets a template see. */
class TemplateTest {

	private static String render(String source, Map<String, ?> context) {
		return Template.compile(source).render(context);
	}

	private static TemplateError refused(String source) {
		return assertThrows(TemplateError.class, () -> render(source, Map.of()), source);
	}

	@Test
	void anErrorNamesItsLineAndWhatIsWrong() {
		TemplateError error = assertThrows(TemplateError.class,
				() -> render("a\n{% if true %}\n  {{ message.content }}\n{% endif %}", Map.of()));
		assertEquals(Kind.RENDER, error.kind());
		assertEquals(3, error.line());
		assertEquals("line 3: 'message' is undefined", error.getMessage());
	}

	@Test
	void aSyntaxErrorNamesTheLineOfTheTag() {
		TemplateError error = assertThrows(TemplateError.class, () -> Template.compile("a\n\n{% for x in %}{% endfor %}"));
		assertEquals(Kind.SYNTAX, error.kind());
		assertEquals(3, error.line());
	}

	@Test
	void aTemplatesOwnRefusalIsToldApartAndKeepsItsWords() {
		TemplateError error = refused("{{ raise_exception('Roles must alternate') }}");
		assertEquals(Kind.RAISED, error.kind());
		assertEquals("Roles must alternate", error.getMessage());
	}

	@ParameterizedTest
	@ValueSource(strings = {"{% include 'x' %}", "{% extends 'x' %}", "{% import 'x' as x %}", "{% block x %}{% endblock %}",
			"{% autoescape true %}{% endautoescape %}"})
	void aTagThatIsNotKnownIsRefusedByName(String source) {
		String tag = source.split(" ")[1];
		TemplateError error = assertThrows(TemplateError.class, () -> Template.compile(source));
		assertEquals("line 1: the tag '" + tag + "' is not supported", error.getMessage());
	}

	@ParameterizedTest
	@ValueSource(strings = {"pprint", "random", "striptags", "urlize", "wordwrap"})
	void aFilterThatIsNotKnownIsRefusedByName(String filter) {
		assertEquals("line 1: the filter '" + filter + "' is not supported", refused("{{ 'a'|" + filter + " }}").getMessage());
	}

	@Test
	void aLoopWithoutEndIsCutShort() {
		TemplateError error = refused("{% for a in range(100000) %}{% for b in range(100000) %}{% endfor %}{% endfor %}");
		assertEquals(Kind.LIMIT, error.kind());
	}

	@ParameterizedTest
	@ValueSource(strings = {"{{ 'a' * 1000000000000 }}", "{{ [1] * 1000000000000 }}", "{{ '%999999999d' % 1 }}",
			"{{ 'a'.center(999999999) }}", "{{ '{:999999999}'.format(1) }}", "{{ 2 ** 100000000 }}", "{{ 9 ** 9 ** 9 ** 9 ** 9 ** 9 }}",
			"{{ range(1000000000) }}", "{{ 'aaaa'|replace('a', 'b' * 10000000) }}", "{{ 'a'|indent(999999999, true) }}",
			"{% set ns = namespace(s='aaaaaaaaaa') %}{% for i in range(100) %}{% set ns.s = ns.s ~ ns.s %}{% endfor %}",
			"{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l }}",
			"{% set ns = namespace(l=[1]) %}{% for i in range(100) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ns.l|tojson }}",
			"{% set a = namespace(l=[1]) %}{% set b = namespace(l=[1]) %}{% for i in range(100) %}{% set a.l = [a.l, a.l] %}"
					+ "{% set b.l = [b.l, b.l] %}{% endfor %}{{ a.l == b.l }}",
			"{% set ns = namespace(l=(1,)) %}{% for i in range(100) %}{% set ns.l = (ns.l, ns.l) %}{% endfor %}{{ {ns.l: 1} }}",
			"{% set ns = namespace(l=[]) %}{% for i in range(90000) %}{% set ns.l = [ns.l] %}{% endfor %}{{ ns.l }}",
			"{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
			"{% for x in [1] recursive %}{{ loop([1]) }}{% endfor %}"})
	void whatWouldFillTheMachineIsRefused(String source) {
		assertEquals(Kind.LIMIT, refused(source).kind());
	}

	@Test
	void aSourceNestedWithoutEndIsRefused() {
		for (String source : List.of("{{ " + "(".repeat(100_000), "{{ " + "not ".repeat(100_000), "{{ " + "[".repeat(100_000),
				"{% if 1 %}".repeat(100_000), "{{ 1" + "|abs".repeat(100_000) + " }}", "{{ 1" + " + 1".repeat(100_000) + " }}")) {
			assertEquals(Kind.LIMIT, refused(source).kind());
		}
	}

	@Test
	void limitsAreTheCallers() {
		Template template = Template.compile("{{ 'a' * 10 }}", new Limits(1000, 9, 10));
		assertEquals(Kind.LIMIT, assertThrows(TemplateError.class, () -> template.render(Map.of())).kind());
	}

	@Test
	void numbersListsAndMapsOfTheHostAreThoseOfPython() {
		Map<String, Object> context = new HashMap<>();
		context.put("int", 1);
		context.put("float", 1.5f);
		context.put("big", BigInteger.TWO.pow(70));
		context.put("text", new StringBuilder("x"));
		context.put("set", new java.util.TreeSet<>(List.of("b", "a")));
		context.put("map", new LinkedHashMap<>(Map.of("k", List.of(true, 2L))));
		context.put("nothing", null);
		assertEquals("1 1.5 1180591620717411303424 x ['a', 'b'] {'k': [True, 2]} None", render(
				"{{ int }} {{ float }} {{ big }} {{ text }} {{ set }} {{ map }} {{ nothing }}", context));
	}

	@Test
	void anObjectOfTheHostIsRefusedWithItsPlace() {
		Map<String, ?> context = Map.of("messages", List.of(Map.of("content", Duration.ZERO)));
		IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, () -> render("", context));
		assertTrue(refused.getMessage().startsWith("messages.content is a java.time.Duration"), refused.getMessage());
	}

	@Test
	void aMapThatHoldsItselfIsRefused() {
		Map<String, Object> itself = new HashMap<>();
		itself.put("itself", itself);
		assertThrows(IllegalArgumentException.class, () -> render("", itself));
	}

	@Test
	void aFunctionOfTheHostIsCalledWithWhatTheTemplateGives() {
		TemplateFunction join = (arguments, named) -> arguments + " " + named;
		assertEquals("[1, [a]] {b=2.5}", render("{{ join(1, ['a'], b=2.5) }}", Map.of("join", join)));
	}

	@Test
	void aVariableOfTheContextHidesTheFunctionOfThatName() {
		assertEquals("7", render("{{ range }}", Map.of("range", 7)));
	}

	@Test
	void nothingGivenIsChanged() {
		List<Object> items = new ArrayList<>(List.of(2, 1));
		for (String change : List.of("append(3)", "pop()", "sort()", "reverse()", "clear()", "extend([1])", "insert(0, 1)")) {
			assertThrows(TemplateError.class, () -> render("{{ items." + change + " }}", Map.of("items", items)));
		}
		assertEquals("[1, 2]", render("{{ items|sort }}", Map.of("items", items)));
		assertEquals(List.of(2, 1), items);
	}

	@Test
	void oneTemplateServesManyThreads() throws Exception {
		Template template = Template.compile(
				"{% set ns = namespace(v=0) %}{% for x in range(n) %}{% set ns.v = ns.v + x %}{% endfor %}{{ ns.v }}");
		try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
			List<Callable<String>> tasks = IntStream.range(0, 200)
					.<Callable<String>>mapToObj(n -> () -> template.render(Map.of("n", n))).toList();
			List<Future<String>> results = threads.invokeAll(tasks);
			for (int n = 0; n < results.size(); n++) {
				assertEquals(Integer.toString(n * (n - 1) / 2), results.get(n).get());
			}
		}
	}
}
