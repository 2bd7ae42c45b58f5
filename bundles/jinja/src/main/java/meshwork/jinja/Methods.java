package meshwork.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.function.UnaryOperator;

/**
 * The attributes that values have of themselves: Python's methods of strings, lists and maps. What would change a value is
 * out of reach, as it is in the immutable sandbox.
 */
final class Methods {

	@FunctionalInterface
	private interface Method<T> {
		Object call(Run run, T self, Arguments arguments);
	}

	private static final Map<String, Method<String>> STRING = new HashMap<>();
	private static final Map<String, Method<List<?>>> LIST = new HashMap<>();
	private static final Map<String, Method<Map<?, ?>>> DICT = new HashMap<>();

	private static final Set<String> UNSUPPORTED_OF_STRING = Set.of("encode", "maketrans", "translate");
	private static final Set<String> CHANGING_A_LIST = Set.of("append", "clear", "extend", "insert", "pop", "remove",
			"reverse", "sort");
	private static final Set<String> CHANGING_A_DICT = Set.of("clear", "pop", "popitem", "setdefault", "update");
	private static final Set<String> OF_A_DICT = Set.of("copy", "fromkeys", "get", "items", "keys", "values", "clear",
			"pop", "popitem", "setdefault", "update");

	static {
		strings();
		STRING.put("split", (run, self, a) -> {
			Object[] given = a.bind("split", 0, "sep", "maxsplit");
			return strings(run, self, Text.split(self, separator(given[0]), most(given[1], "split")));
		});
		STRING.put("rsplit", (run, self, a) -> {
			Object[] given = a.bind("rsplit", 0, "sep", "maxsplit");
			return strings(run, self, Text.splitFromEnd(self, separator(given[0]), most(given[1], "rsplit")));
		});
		STRING.put("splitlines", (run, self, a) -> strings(run, self,
				Text.lines(self, Values.truth(Arguments.or(a.bind("splitlines", 0, "keepends")[0], false)))));
		STRING.put("replace", (run, self, a) -> {
			Object[] given = a.positionalOnly("replace", 2, 3);
			return Text.replace(run, self, text(given[0], "replace"), text(given[1], "replace"),
					most(given[2], "replace"));
		});
		STRING.put("startswith", (run, self, a) -> affixed(run, self, a, "startswith", true));
		STRING.put("endswith", (run, self, a) -> affixed(run, self, a, "endswith", false));
		STRING.put("removeprefix", (_, self, a) -> {
			String prefix = text(a.positionalOnly("removeprefix", 1, 1)[0], "removeprefix");
			return self.startsWith(prefix) ? self.substring(prefix.length()) : self;
		});
		STRING.put("removesuffix", (_, self, a) -> {
			String suffix = text(a.positionalOnly("removesuffix", 1, 1)[0], "removesuffix");
			return self.endsWith(suffix) ? self.substring(0, self.length() - suffix.length()) : self;
		});
		STRING.put("join", (run, self, a) -> {
			List<Object> items = Values.list(run, a.positionalOnly("join", 1, 1)[0]);
			StringBuilder out = new StringBuilder();
			for (int i = 0; i < items.size(); i++) {
				if (!Values.isText(items.get(i))) {
					throw new Failure("sequence item " + i + ": expected str instance, "
							+ Values.typeName(items.get(i)) + " found");
				}
				run.emit(out, i == 0 ? "" : self);
				run.emit(out, Values.text(items.get(i)));
			}
			return out.toString();
		});
		STRING.put("find", (run, self, a) -> (long) find(run, self, a, "find", false));
		STRING.put("rfind", (run, self, a) -> (long) find(run, self, a, "rfind", true));
		STRING.put("index", (run, self, a) -> found(find(run, self, a, "index", false)));
		STRING.put("rindex", (run, self, a) -> found(find(run, self, a, "rindex", true)));
		STRING.put("count", (run, self, a) -> {
			Object[] given = a.positionalOnly("count", 1, 3);
			int size = Text.length(self);
			String part = text(given[0], "count");
			long from = position(given[1], 0);
			long start = from < 0 ? Math.max(0, from + size) : from;
			run.characters(self.length());
			return start > size ? 0L : (long) Text.count((String) Values.slice(run, self, start,
					Arguments.or(given[2], null), null), part);
		});
		STRING.put("partition", (_, self, a) -> {
			String separator = text(a.positionalOnly("partition", 1, 1)[0], "partition");
			Text.notEmpty(separator);
			int at = self.indexOf(separator);
			return at < 0 ? Tuple.of(self, "", "")
					: Tuple.of(self.substring(0, at), separator, self.substring(at + separator.length()));
		});
		STRING.put("rpartition", (_, self, a) -> {
			String separator = text(a.positionalOnly("rpartition", 1, 1)[0], "rpartition");
			Text.notEmpty(separator);
			int at = self.lastIndexOf(separator);
			return at < 0 ? Tuple.of("", "", self)
					: Tuple.of(self.substring(0, at), separator, self.substring(at + separator.length()));
		});
		STRING.put("format", (run, self, a) -> new StrFormat(run, a.positional(), a.named(), false).format(self));
		STRING.put("format_map", (run, self, a) -> {
			if (!(a.positionalOnly("format_map", 1, 1)[0] instanceof Map<?, ?> map)) {
				throw new Failure("format_map() takes a mapping");
			}
			return new StrFormat(run, List.of(), map, false).format(self);
		});

		LIST.put("count", (run, self, a) -> {
			Object wanted = a.positionalOnly("count", 1, 1)[0];
			run.items(self.size());
			return self.stream().filter(item -> Values.equal(item, wanted)).count();
		});
		LIST.put("index", (run, self, a) -> {
			Object[] given = a.positionalOnly("index", 1, 3);
			run.items(self.size());
			long from = position(given[1], 0);
			long to = position(given[2], self.size());
			for (long i = Math.max(0, from < 0 ? from + self.size() : from); i < Math.min(self.size(),
					to < 0 ? to + self.size() : to); i++) {
				if (Values.equal(self.get((int) i), given[0])) {
					return i;
				}
			}
			throw new Failure(Values.repr(given[0]) + " is not in " + Values.typeName(self));
		});
		LIST.put("copy", (run, self, a) -> {
			a.positionalOnly("copy", 0, 0);
			return Values.list(run, self);
		});

		DICT.put("get", (_, self, a) -> {
			Object[] given = a.positionalOnly("get", 1, 2);
			Values.hash(given[0]);
			Object value = Values.find(self, given[0]);
			return value == Undefined.MISSING ? Arguments.or(given[1], null) : value;
		});
		DICT.put("keys", (_, self, a) -> view(DictView.Kind.keys, self, a));
		DICT.put("values", (_, self, a) -> view(DictView.Kind.values, self, a));
		DICT.put("items", (_, self, a) -> view(DictView.Kind.items, self, a));
		DICT.put("copy", (run, self, a) -> {
			a.positionalOnly("copy", 0, 0);
			run.items(self.size());
			return new LinkedHashMap<Object, Object>(self);
		});
		DICT.put("fromkeys", (run, _, a) -> {
			Object[] given = a.positionalOnly("fromkeys", 1, 2);
			Map<Object, Object> map = new LinkedHashMap<>();
			Values.list(run, given[0]).forEach(key -> Values.put(map, key, Arguments.or(given[1], null)));
			return map;
		});
	}

	private Methods() {
	}

	private static void strings() {
		plain("upper", Text::upper);
		plain("lower", Text::lower);
		plain("casefold", text -> Text.lower(Text.upper(text)));
		plain("title", Text::title);
		plain("capitalize", Text::capitalize);
		plain("swapcase", Text::swapCase);
		test("isspace", Text::isSpace);
		test("isalpha", Character::isLetter);
		test("isalnum", c -> Character.isLetter(c) || Text.isNumeric(c));
		test("isdecimal", Text::isDecimal);
		test("isdigit", Text::isDigit);
		test("isnumeric", Text::isNumeric);
		STRING.put("isascii", (_, self, a) -> {
			a.positionalOnly("isascii", 0, 0);
			return self.chars().allMatch(c -> c < 128);
		});
		STRING.put("isprintable", (_, self, a) -> {
			a.positionalOnly("isprintable", 0, 0);
			return self.codePoints().allMatch(Text::isPrintable);
		});
		STRING.put("isupper", (_, self, a) -> {
			a.positionalOnly("isupper", 0, 0);
			return Text.isUpper(self);
		});
		STRING.put("islower", (_, self, a) -> {
			a.positionalOnly("islower", 0, 0);
			return Text.isLower(self);
		});
		STRING.put("istitle", (_, self, a) -> {
			a.positionalOnly("istitle", 0, 0);
			return Text.isTitle(self);
		});
		STRING.put("isidentifier", (_, self, a) -> {
			a.positionalOnly("isidentifier", 0, 0);
			return Text.isIdentifier(self);
		});
		strip("strip", true, true);
		strip("lstrip", true, false);
		strip("rstrip", false, true);
		pad("ljust", -1);
		pad("rjust", 1);
		pad("center", 0);
		STRING.put("zfill", (run, self, a) -> Text.zeroFill(run, self,
				Numbers.index(a.positionalOnly("zfill", 1, 1)[0], "zfill")));
		STRING.put("expandtabs", (run, self, a) -> Text.expandTabs(run, self,
				Numbers.index(Arguments.or(a.bind("expandtabs", 0, "tabsize")[0], 8L), "expandtabs")));
	}

	private static void plain(String name, UnaryOperator<String> function) {
		STRING.put(name, (run, self, a) -> {
			a.positionalOnly(name, 0, 0);
			return run.text(function.apply(self));
		});
	}

	private static void test(String name, IntPredicate all) {
		STRING.put(name, (run, self, a) -> {
			a.positionalOnly(name, 0, 0);
			run.characters(self.length());
			return !self.isEmpty() && self.codePoints().allMatch(all);
		});
	}

	private static void strip(String name, boolean left, boolean right) {
		STRING.put(name, (run, self, a) -> {
			Object characters = Arguments.or(a.positionalOnly(name, 0, 1)[0], null);
			return run.text(Text.strip(self, characters == null ? null : text(characters, name), left, right));
		});
	}

	private static void pad(String name, int side) {
		STRING.put(name, (run, self, a) -> {
			Object[] given = a.positionalOnly(name, 1, 2);
			String fill = text(Arguments.or(given[1], " "), name);
			if (Text.length(fill) != 1) {
				throw new Failure("The fill character must be exactly one character long");
			}
			return Text.pad(run, self, Numbers.index(given[0], name), fill, side);
		});
	}

	static boolean isDictMethod(String name) {
		return OF_A_DICT.contains(name) || name.startsWith("__");
	}

	/** A method or property of a value; undefined where the sandbox hides it, {@link Undefined#MISSING} if there is none. */
	static Object find(Object owner, String name) {
		return switch (owner) {
			case String self -> string(self, name);
			case Markup self -> {
				Object method = markup(self, name);
				yield method == Undefined.MISSING ? string(self.text(), name) : method;
			}
			case Map<?, ?> self -> CHANGING_A_DICT.contains(name) ? unsafe(owner, name) : bound(DICT.get(name), self);
			case Range self -> switch (name) {
				case "start" -> self.start;
				case "stop" -> self.stop;
				case "step" -> self.step;
				case "copy" -> Undefined.MISSING;
				default -> bound(LIST.get(name), self);
			};
			case Tuple self -> name.equals("copy") ? Undefined.MISSING
					: self instanceof Group group ? group.attribute(name) : bound(LIST.get(name), self);
			case List<?> self -> CHANGING_A_LIST.contains(name) ? unsafe(owner, name) : bound(LIST.get(name), self);
			case Namespace self -> Values.find(self.attributes(), name);
			case Loop self -> self.attribute(name);
			case Macro self -> self.attribute(name);
			case Globals.Cycler self -> self.attribute(name);
			case Boolean _, Long _, BigInteger _ -> number(owner, name);
			case Double self -> switch (name) {
				case "real" -> self;
				case "imag" -> 0.0;
				case "is_integer" -> (Callable) (_, a) -> {
					a.positionalOnly(name, 0, 0);
					return self == Math.rint(self) && !self.isInfinite();
				};
				default -> Undefined.MISSING;
			};
			case null, default -> Undefined.MISSING;
		};
	}

	private static Object number(Object owner, String name) {
		return switch (name) {
			case "real", "numerator" -> Numbers.truncate(owner);
			case "imag" -> 0L;
			case "denominator" -> 1L;
			case "bit_length" -> (Callable) (_, a) -> {
				a.positionalOnly(name, 0, 0);
				return (long) Numbers.asBig(owner).abs().bitLength();
			};
			case "bit_count" -> (Callable) (_, a) -> {
				a.positionalOnly(name, 0, 0);
				return (long) Numbers.asBig(owner).abs().bitCount();
			};
			default -> Undefined.MISSING;
		};
	}

	private static Undefined unsafe(Object owner, String name) {
		return new Undefined("access to attribute '" + name + "' of '" + Values.typeName(owner)
				+ "' object is unsafe.");
	}

	private static <T> Object bound(Method<T> method, T self) {
		return method == null ? Undefined.MISSING : (Callable) (run, arguments) -> method.call(run, self, arguments);
	}

	private static Object string(String self, String name) {
		if (UNSUPPORTED_OF_STRING.contains(name)) {
			return (Callable) (_, _) -> {
				throw new Failure("the string method '" + name + "' is not supported");
			};
		}
		return bound(STRING.get(name), self);
	}

	/** Methods that on markup escape what they are given, and answer markup. */
	private static Object markup(Markup self, String name) {
		return switch (name) {
			case "format" -> (Callable) (run, a) -> new Markup(
					new StrFormat(run, a.positional(), a.named(), true).format(self.text()));
			case "join" -> (Callable) (run, a) -> {
				List<Object> escaped = new ArrayList<>();
				Values.list(run, a.positionalOnly(name, 1, 1)[0]).forEach(item -> escaped.add(Markup.escape(item)));
				return new Markup((String) STRING.get(name).call(run, self.text(), Arguments.of(escaped)));
			};
			case "capitalize", "title", "lower", "upper", "replace", "ljust", "rjust", "lstrip", "rstrip", "center",
					"strip", "expandtabs", "swapcase", "zfill" -> (Callable) (run, a) -> new Markup(
							(String) STRING.get(name).call(run, self.text(), escaped(a)));
			case "split", "rsplit", "splitlines" -> (Callable) (run, a) -> marked(
					(List<?>) STRING.get(name).call(run, self.text(), a));
			case "partition", "rpartition" -> (Callable) (run, a) -> new Tuple(marked(
					(List<?>) STRING.get(name).call(run, self.text(), escaped(a))));
			case "unescape", "striptags" -> (Callable) (_, _) -> {
				throw new Failure("the markup method '" + name + "' is not supported");
			};
			default -> Undefined.MISSING;
		};
	}

	private static Arguments escaped(Arguments arguments) {
		List<Object> positional = new ArrayList<>();
		arguments.positional().forEach(value -> positional.add(Values.isText(value) ? Markup.escape(value) : value));
		return new Arguments(positional, arguments.named());
	}

	private static List<Object> marked(List<?> texts) {
		List<Object> marked = new ArrayList<>(texts.size());
		texts.forEach(text -> marked.add(new Markup((String) text)));
		return marked;
	}

	private static List<Object> strings(Run run, String self, List<String> parts) {
		run.characters(self.length());
		run.items(parts.size());
		return new ArrayList<>(parts);
	}

	private static DictView view(DictView.Kind kind, Map<?, ?> self, Arguments arguments) {
		arguments.positionalOnly(kind.name(), 0, 0);
		@SuppressWarnings("unchecked")
		Map<Object, Object> map = (Map<Object, Object>) self;
		return new DictView(kind, map);
	}

	// -- arguments

	private static String text(Object value, String function) {
		if (!Values.isText(value)) {
			Values.defined(value);
			throw new Failure(function + "() takes a string, not " + Values.typeName(value));
		}
		return Values.text(value);
	}

	private static String separator(Object value) {
		return value == Undefined.MISSING || value == null ? null : text(value, "split");
	}

	private static long most(Object value, String function) {
		return value == Undefined.MISSING ? -1 : Numbers.index(value, function);
	}

	private static long position(Object value, long standard) {
		return value == Undefined.MISSING || value == null ? standard
				: Math.clamp(Numbers.index(value, "find"), -Integer.MAX_VALUE, Integer.MAX_VALUE);
	}

	private static int find(Run run, String self, Arguments arguments, String function, boolean last) {
		Object[] given = arguments.positionalOnly(function, 1, 3);
		run.characters(self.length());
		return Text.find(self, text(given[0], function), position(given[1], 0),
				position(given[2], Integer.MAX_VALUE), last);
	}

	private static long found(int at) {
		if (at < 0) {
			throw new Failure("substring not found");
		}
		return at;
	}

	private static boolean affixed(Run run, String self, Arguments arguments, String function, boolean start) {
		Object[] given = arguments.positionalOnly(function, 1, 3);
		String text = self;
		if (Arguments.given(given[1])) {
			if (position(given[1], 0) > Text.length(self)) {
				return false;
			}
			text = (String) Values.slice(run, self, given[1], Arguments.or(given[2], null), null);
		}
		List<?> affixes = given[0] instanceof Tuple tuple ? tuple : Arrays.asList(given[0]);
		for (Iterator<?> all = affixes.iterator(); all.hasNext();) {
			String affix = text(all.next(), function);
			if (start ? text.startsWith(affix) : text.endsWith(affix)) {
				return true;
			}
		}
		return false;
	}
}
