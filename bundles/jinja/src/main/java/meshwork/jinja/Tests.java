package meshwork.jinja;

import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What may follow {@code is}. */
final class Tests {

	@FunctionalInterface
	interface Test {
		boolean holds(Run run, Object value, Arguments arguments);
	}

	private interface Plain {
		boolean holds(Object value);
	}

	private interface Against {
		boolean holds(Object value, Object other);
	}

	private static final Map<String, Test> ALL = new HashMap<>();

	static {
		plain("defined", value -> !(value instanceof Undefined));
		plain("undefined", Undefined.class::isInstance);
		plain("none", value -> value == null);
		plain("boolean", Boolean.class::isInstance);
		plain("true", Boolean.TRUE::equals);
		plain("false", Boolean.FALSE::equals);
		plain("integer", value -> Values.isInteger(value) && !(value instanceof Boolean));
		plain("float", Double.class::isInstance);
		plain("number", Values::isNumber);
		plain("string", Values::isText);
		plain("mapping", Map.class::isInstance);
		plain("sequence", value -> Values.isText(value) || value instanceof List<?> || value instanceof Map<?, ?>
				|| value instanceof Undefined);
		plain("iterable", Values::isIterable);
		plain("callable", value -> value instanceof Callable || value instanceof Undefined);
		plain("escaped", Markup.class::isInstance);
		plain("lower", value -> Text.isLower(Values.str(value)));
		plain("upper", value -> Text.isUpper(Values.str(value)));
		plain("filter", value -> Filters.find(name(value)) != null);
		plain("test", value -> ALL.containsKey(name(value)));
		ALL.put("odd", (run, value, a) -> parity(run, value, a, "odd", 1L));
		ALL.put("even", (run, value, a) -> parity(run, value, a, "even", 0L));
		ALL.put("divisibleby", (run, value, a) -> Values.equal(
				Operators.MODULO.apply(run, value, a.bind("divisibleby", 1, "num")[0]), 0L));
		ALL.put("in", (run, value, a) -> Values.contains(run, a.bind("in", 1, "seq")[0], value));
		against((a, b) -> a == b || Values.equal(a, b) && a.getClass() == b.getClass() && !(a instanceof List<?>)
				&& !(a instanceof Map<?, ?>) && !(a instanceof Undefined), "sameas");
		against(Values::equal, "==", "eq", "equalto");
		against((a, b) -> !Values.equal(a, b), "!=", "ne");
		against(Values::greater, ">", "gt", "greaterthan");
		against(Values::greaterOrEqual, ">=", "ge");
		against(Values::less, "<", "lt", "lessthan");
		against(Values::lessOrEqual, "<=", "le");
	}

	private Tests() {
	}

	/** The test of that name, or null. */
	static Test find(String name) {
		return ALL.get(name);
	}

	private static String name(Object value) {
		Values.hash(value);
		return Values.str(value);
	}

	private static void plain(String name, Plain test) {
		ALL.put(name, (_, value, arguments) -> {
			arguments.bind(name, 0);
			return test.holds(value);
		});
	}

	private static void against(Against test, String... names) {
		for (String name : names) {
			ALL.put(name, (_, value, arguments) -> test.holds(value, arguments.bind(name, 1, "other")[0]));
		}
	}

	private static boolean parity(Run run, Object value, Arguments arguments, String name, long rest) {
		arguments.bind(name, 0);
		return Values.equal(Operators.MODULO.apply(run, value, 2L), rest);
	}
}
