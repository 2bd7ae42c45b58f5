package meshwork.jinja;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What may follow {@code |}. */
final class Filters {

	@FunctionalInterface
	interface Filter {
		Object apply(Run run, Object value, Arguments arguments);
	}

	private static final Map<String, Filter> ALL = new HashMap<>();
	private static final Pattern WORD_STARTS = Pattern.compile("[-\\s({\\[<]+");
	private static final Pattern WORD = Pattern.compile("\\w+", Pattern.UNICODE_CHARACTER_CLASS);
	private static final Set<String> UNSUPPORTED = Set.of("pprint", "random", "striptags", "urlize", "wordwrap");

	static {
		texts();
		sequences();
		ALL.put("default", Filters::defaulted);
		ALL.put("d", Filters::defaulted);
		ALL.put("tojson", Json::filter);
		ALL.put("from_json", (run, value, a) -> {
			a.bind("from_json", 0);
			if (!Values.isText(value)) {
				throw new Failure("from_json takes a string, not " + Values.typeName(value));
			}
			run.characters(Values.text(value).length());
			return Json.parse(run, Values.text(value));
		});
		ALL.put("abs", (_, value, a) -> {
			a.positionalOnly("abs", 0, 0);
			if (!Values.isNumber(value)) {
				Values.defined(value);
				throw new Failure("bad operand type for abs(): '" + Values.typeName(value) + "'");
			}
			return Numbers.absolute(value);
		});
		ALL.put("round", Filters::round);
		ALL.put("int", (_, value, a) -> {
			Object[] given = a.bind("int", 0, "default", "base");
			return integer(Values.defined(value), Arguments.or(given[0], 0L),
					(int) Numbers.index(Arguments.or(given[1], 10L), "int"));
		});
		ALL.put("float", (_, value, a) -> {
			Object standard = Arguments.or(a.bind("float", 0, "default")[0], 0.0);
			return real(Values.defined(value), standard);
		});
		ALL.put("filesizeformat", (run, value, a) -> fileSize(run, value,
				Values.truth(Arguments.or(a.bind("filesizeformat", 0, "binary")[0], false))));
		ALL.put("attr", (_, value, a) -> {
			Object name = a.bind("attr", 1, "name")[0];
			if (!Values.isText(name)) {
				throw new Failure("attribute name must be string, not '" + Values.typeName(name) + "'");
			}
			Values.defined(value);
			Object own = Methods.find(value, Values.text(name));
			return own == Undefined.MISSING ? Undefined.of(value, Values.text(name)) : own;
		});
		for (String name : UNSUPPORTED) {
			ALL.put(name, (_, _, _) -> {
				throw new Failure("the filter '" + name + "' is not supported");
			});
		}
	}

	private Filters() {
	}

	/** The filter of that name, or null. */
	static Filter find(String name) {
		return ALL.get(name);
	}

	private static Filter named(Object name) {
		Filter filter = Values.isText(name) ? find(Values.text(name)) : null;
		if (filter == null) {
			throw new Failure("No filter named " + Values.repr(name) + ".");
		}
		return filter;
	}

	// -- text

	private static void texts() {
		text("upper", Text::upper);
		text("lower", Text::lower);
		text("capitalize", Text::capitalize);
		ALL.put("title", (run, value, a) -> {
			a.bind("title", 0);
			return title(run, Values.str(value));
		});
		ALL.put("trim", (run, value, a) -> {
			Object characters = Arguments.or(a.bind("trim", 0, "chars")[0], null);
			if (characters != null && !Values.isText(characters)) {
				Values.defined(characters);
				throw new Failure("strip arg must be None or str");
			}
			return like(value, run.text(Text.strip(Values.str(value), characters == null ? null
					: Values.text(characters), true, true)));
		});
		ALL.put("center", (run, value, a) -> like(value, Text.pad(run, Values.str(value),
				Numbers.index(Arguments.or(a.bind("center", 0, "width")[0], 80L), "center"), " ", 0)));
		ALL.put("string", (run, value, a) -> {
			a.positionalOnly("string", 0, 0);
			return value instanceof Markup ? value : run.text(Values.str(value));
		});
		ALL.put("safe", (run, value, a) -> {
			a.bind("safe", 0);
			return value instanceof Markup ? value : new Markup(run.text(Values.str(value)));
		});
		Filter escape = (run, value, a) -> {
			a.positionalOnly("escape", 0, 0);
			Markup escaped = Markup.escape(value);
			run.characters(escaped.text().length());
			return escaped;
		};
		ALL.put("escape", escape);
		ALL.put("e", escape);
		ALL.put("forceescape", (run, value, a) -> {
			a.bind("forceescape", 0);
			return new Markup(run.text(Markup.escape(Values.str(value)).text()));
		});
		ALL.put("format", (run, value, a) -> {
			if (!a.positional().isEmpty() && !a.named().isEmpty()) {
				throw new Failure("can't handle positional and keyword arguments at the same time");
			}
			Object values = a.named().isEmpty() ? new Tuple(a.positional())
					: new LinkedHashMap<Object, Object>(a.named());
			return Operators.MODULO.apply(run, value instanceof Markup ? value : Values.str(value), values);
		});
		ALL.put("replace", (run, value, a) -> {
			Object[] given = a.bind("replace", 2, "old", "new", "count");
			Object count = Arguments.or(given[2], null);
			String text = Values.str(value);
			run.characters(text.length());
			return Text.replace(run, text, Values.str(given[0]), Values.str(given[1]),
					count == null ? -1 : Numbers.index(count, "replace"));
		});
		ALL.put("indent", Filters::indent);
		ALL.put("truncate", Filters::truncate);
		ALL.put("wordcount", (run, value, a) -> {
			a.bind("wordcount", 0);
			run.characters(Values.str(value).length());
			return WORD.matcher(Values.str(value)).results().count();
		});
		ALL.put("urlencode", (run, value, a) -> {
			a.bind("urlencode", 0);
			return urlEncode(run, value);
		});
		ALL.put("xmlattr", (run, value, a) -> xmlAttributes(run, value,
				Values.truth(Arguments.or(a.bind("xmlattr", 0, "autospace")[0], true))));
	}

	private static void text(String name, UnaryOperator<String> function) {
		ALL.put(name, (run, value, a) -> {
			a.bind(name, 0);
			return like(value, run.text(function.apply(Values.str(value))));
		});
	}

	/** Markup if the value was markup. */
	private static Object like(Object value, String text) {
		return value instanceof Markup ? new Markup(text) : text;
	}

	private static String title(Run run, String text) {
		run.characters(text.length());
		StringBuilder out = new StringBuilder(text.length());
		Matcher starts = WORD_STARTS.matcher(text);
		int from = 0;
		while (starts.find()) {
			word(text.substring(from, starts.start()), out);
			out.append(starts.group());
			from = starts.end();
		}
		word(text.substring(from), out);
		return out.toString();
	}

	private static void word(String word, StringBuilder out) {
		if (!word.isEmpty()) {
			int end = Character.charCount(word.codePointAt(0));
			out.append(Text.upper(word.substring(0, end))).append(Text.lower(word.substring(end)));
		}
	}

	private static Object indent(Run run, Object value, Arguments arguments) {
		Object[] given = arguments.bind("indent", 0, "width", "first", "blank");
		Object width = Arguments.or(given[0], 4L);
		if (!Values.isText(value)) {
			Values.defined(value);
			throw new Failure("indent takes a string, not " + Values.typeName(value));
		}
		String by = Values.isText(width) ? Values.text(width)
				: (String) Operators.MULTIPLY.apply(run, " ", Numbers.index(width, "indent"));
		boolean blank = Values.truth(Arguments.or(given[2], false));
		StringBuilder out = new StringBuilder();
		int number = 0;
		for (String line : Text.lines(Values.text(value) + "\n", false)) {
			run.step();
			if (number > 0) {
				run.emit(out, "\n");
			}
			if (number > 0 ? blank || !line.isEmpty() : Values.truth(Arguments.or(given[1], false))) {
				run.emit(out, by);
			}
			run.emit(out, line);
			number++;
		}
		return like(value, out.toString());
	}

	private static Object truncate(Run run, Object value, Arguments arguments) {
		Object[] given = arguments.bind("truncate", 0, "length", "killwords", "end", "leeway");
		long length = Numbers.index(Arguments.or(given[0], 255L), "truncate");
		Object leeway = Arguments.or(given[3], null);
		Object ending = Arguments.or(given[2], "...");
		if (!Values.isText(ending) || Values.length(value) < 0) {
			throw new Failure("truncate takes strings, not " + Values.typeName(value) + " and "
					+ Values.typeName(ending));
		}
		String end = Values.text(ending);
		if (length < Text.length(end)) {
			throw new Failure("expected length >= " + Text.length(end) + ", got " + length);
		}
		if (Values.length(value) <= length + (leeway == null ? 5 : Numbers.index(leeway, "truncate"))) {
			return value;
		}
		if (!Values.isText(value)) {
			throw new Failure("truncate takes a string, not " + Values.typeName(value));
		}
		String text = Values.text(value);
		String kept = Text.slice(text, 0, Math.min(Text.length(text), length - Text.length(end)), 1);
		if (!Values.truth(Arguments.or(given[1], false))) {
			kept = Text.splitFromEnd(kept, " ", 1).get(0);
		}
		return Operators.ADD.apply(run, like(value, kept), ending);
	}

	private static String urlEncode(Run run, Object value) {
		if (Values.isText(value) || !Values.isIterable(value)) {
			return quoteUrl(run, Values.str(value), "/");
		}
		StringBuilder out = new StringBuilder();
		Iterator<Object> pairs = value instanceof Map<?, ?> map
				? new Lazy(map.entrySet().iterator(), entry -> Tuple.of(((Map.Entry<?, ?>) entry).getKey(),
						((Map.Entry<?, ?>) entry).getValue()))
				: Values.iterate(value);
		while (pairs.hasNext()) {
			List<Object> pair = Values.list(run, pairs.next());
			if (pair.size() != 2) {
				throw new Failure("urlencode takes pairs");
			}
			run.emit(out, (out.isEmpty() ? "" : "&") + quoteUrl(run, Values.str(pair.get(0)), "").replace("%20", "+")
					+ "=" + quoteUrl(run, Values.str(pair.get(1)), "").replace("%20", "+"));
		}
		return out.toString();
	}

	private static String quoteUrl(Run run, String text, String safe) {
		run.characters(text.length() * 3L);
		StringBuilder out = new StringBuilder();
		for (byte b : text.getBytes(StandardCharsets.UTF_8)) {
			char c = (char) (b & 0xff);
			if (c < 128 && (Character.isLetterOrDigit(c) || "_.-~".indexOf(c) >= 0 || safe.indexOf(c) >= 0)) {
				out.append(c);
			} else {
				out.append("%%%02X".formatted((int) c));
			}
		}
		return out.toString();
	}

	private static String xmlAttributes(Run run, Object value, boolean space) {
		if (!(value instanceof Map<?, ?> map)) {
			Values.defined(value);
			throw new Failure("xmlattr takes a mapping, not " + Values.typeName(value));
		}
		StringBuilder out = new StringBuilder();
		map.forEach((key, item) -> {
			if (item == null || item instanceof Undefined) {
				return;
			}
			if (!(key instanceof String name) || name.matches("(?s).*[ \\t\\n\\r\\f\\x0B/>=].*")) {
				throw new Failure("Invalid character in attribute name: " + Values.repr(key));
			}
			run.emit(out, (out.isEmpty() && !space ? "" : " ") + Markup.escape(name) + "=\"" + Markup.escape(item)
					+ "\"");
		});
		return out.toString();
	}

	// -- numbers

	private static Object round(Run run, Object value, Arguments arguments) {
		Object[] given = arguments.bind("round", 0, "precision", "method");
		Object digits = Arguments.or(given[0], 0L);
		Object method = Arguments.or(given[1], "common");
		if (!Values.isNumber(value)) {
			Values.defined(value);
			throw new Failure("type " + Values.typeName(value) + " doesn't define __round__ method");
		}
		if (Values.equal(method, "common")) {
			return Numbers.round(value, Numbers.index(digits, "round"));
		}
		Object scale = Numbers.power(10L, digits);
		Object scaled = Numbers.multiply(value, scale);
		BigDecimal exact = scaled instanceof Double number ? new BigDecimal(number) : new BigDecimal(Numbers.asBig(scaled));
		RoundingMode mode = Values.equal(method, "ceil") ? RoundingMode.CEILING
				: Values.equal(method, "floor") ? RoundingMode.FLOOR : null;
		if (mode == null) {
			throw new Failure("method must be common, ceil or floor");
		}
		return Numbers.divide(Values.integer(exact.setScale(0, mode).toBigInteger()), scale);
	}

	private static Object integer(Object value, Object standard, int base) {
		if (Values.isNumber(value)) {
			return value instanceof Double number && (number.isNaN() || number.isInfinite()) ? standard
					: Numbers.truncate(value);
		}
		if (!Values.isText(value)) {
			return standard;
		}
		Object number = Numbers.parseInteger(Values.text(value), base);
		if (number != Undefined.MISSING) {
			return number;
		}
		Object real = Numbers.parseFloat(Values.text(value));
		return real instanceof Double finite && !finite.isNaN() && !finite.isInfinite() ? Numbers.truncate(finite)
				: standard;
	}

	private static Object real(Object value, Object standard) {
		return Values.isNumber(value) ? (Object) Numbers.asDouble(value)
				: Values.isText(value) ? Arguments.or(Numbers.parseFloat(Values.text(value)), standard) : standard;
	}

	private static String fileSize(Run run, Object value, boolean binary) {
		Object number = real(Values.defined(value), null);
		if (number == null) {
			throw new Failure("filesizeformat takes a number, not " + Values.repr(value));
		}
		double bytes = (double) number;
		double base = binary ? 1024 : 1000;
		if (bytes == 1) {
			return "1 Byte";
		}
		if (bytes < base) {
			return Numbers.truncate(bytes) + " Bytes";
		}
		double unit = base;
		String prefix = "";
		for (char letter : "kMGTPEZY".toCharArray()) {
			unit *= base;
			prefix = binary ? Character.toUpperCase(letter) + "iB" : letter + "B";
			if (bytes < unit) {
				break;
			}
		}
		return FormatSpec.format(run, base * bytes / unit, ".1f") + " " + prefix;
	}

	// -- sequences and maps

	private static void sequences() {
		ALL.put("length", Filters::length);
		ALL.put("count", Filters::length);
		ALL.put("list", (run, value, a) -> {
			a.bind("list", 0);
			return Values.list(run, value);
		});
		ALL.put("first", (_, value, a) -> {
			a.bind("first", 0);
			Iterator<Object> items = Values.iterate(value);
			return items.hasNext() ? items.next() : new Undefined("No first item, sequence was empty.");
		});
		ALL.put("last", (run, value, a) -> {
			a.bind("last", 0);
			Iterator<Object> items = reversed(run, value);
			return items.hasNext() ? items.next() : new Undefined("No last item, sequence was empty.");
		});
		ALL.put("reverse", (run, value, a) -> {
			a.bind("reverse", 0);
			return Values.isText(value) ? Values.slice(run, value, null, null, -1L)
					: Values.isGenerator(value) || value instanceof Loop ? Values.list(run, value).reversed() : reversed(run, value);
		});
		ALL.put("items", (run, value, a) -> {
			a.bind("items", 0);
			if (value instanceof Undefined) {
				return new ArrayList<>().iterator();
			}
			return lazily(() -> {
				if (!(value instanceof Map<?, ?> map)) {
					throw new Failure("Can only get item pairs from a mapping.");
				}
				return new Lazy(map.entrySet().iterator(), entry -> Tuple.of(((Map.Entry<?, ?>) entry).getKey(),
						((Map.Entry<?, ?>) entry).getValue()));
			});
		});
		ALL.put("dictsort", Filters::dictSort);
		ALL.put("sort", (run, value, a) -> {
			Object[] given = a.bind("sort", 0, "reverse", "case_sensitive", "attribute");
			boolean sensitive = Values.truth(Arguments.or(given[1], false));
			List<List<Object>> paths = new ArrayList<>();
			Object attribute = Arguments.or(given[2], null);
			if (attribute instanceof String names) {
				Text.split(names, ",", -1).forEach(name -> paths.add(path(name)));
			} else {
				paths.add(path(attribute));
			}
			return sorted(run, Values.list(run, value), item -> {
				List<Object> keys = new ArrayList<>(paths.size());
				paths.forEach(path -> keys.add(cased(follow(item, path, null), sensitive)));
				return keys;
			}, Values.truth(Arguments.or(given[0], false)));
		});
		ALL.put("unique", (run, value, a) -> {
			Object[] given = a.bind("unique", 0, "case_sensitive", "attribute");
			boolean sensitive = Values.truth(Arguments.or(given[0], false));
			List<Object> path = path(Arguments.or(given[1], null));
			Set<Object> seen = new HashSet<>();
			return lazily(() -> new Lazy(Values.iterate(value), item -> {
				run.step();
				return seen.add(new Key(cased(follow(item, path, null), sensitive))) ? item : Undefined.MISSING;
			}));
		});
		ALL.put("min", (run, value, a) -> extreme(run, value, a, "min"));
		ALL.put("max", (run, value, a) -> extreme(run, value, a, "max"));
		ALL.put("sum", (run, value, a) -> {
			Object[] given = a.bind("sum", 0, "attribute", "start");
			List<Object> path = path(Arguments.or(given[0], null));
			Object sum = Arguments.or(given[1], 0L);
			if (Values.isText(sum)) {
				throw new Failure("sum() can't sum strings [use ''.join(seq) instead]");
			}
			for (Object item : Values.list(run, value)) {
				sum = Operators.ADD.apply(run, sum, follow(item, path, null));
			}
			return sum;
		});
		ALL.put("join", (run, value, a) -> {
			Object[] given = a.bind("join", 0, "d", "attribute");
			List<Object> path = path(Arguments.or(given[1], null));
			String separator = Values.str(Arguments.or(given[0], ""));
			StringBuilder out = new StringBuilder();
			boolean first = true;
			for (Iterator<Object> items = Values.iterate(value); items.hasNext();) {
				run.step();
				run.emit(out, first ? "" : separator);
				run.emit(out, Values.str(follow(items.next(), path, null)));
				first = false;
			}
			return out.toString();
		});
		ALL.put("batch", (run, value, a) -> {
			Object[] given = a.bind("batch", 1, "linecount", "fill_with");
			Object fill = Arguments.or(given[1], null);
			return lazily(() -> batches(run, value, Numbers.index(given[0], "batch"), fill).iterator());
		});
		ALL.put("slice", (run, value, a) -> {
			Object[] given = a.bind("slice", 1, "slices", "fill_with");
			Object fill = Arguments.or(given[1], null);
			return lazily(() -> slices(run, value, Numbers.index(given[0], "slice"), fill).iterator());
		});
		ALL.put("groupby", Filters::groups);
		ALL.put("map", (run, value, a) -> lazily(() -> mapped(run, value, a)));
		ALL.put("select", (run, value, a) -> lazily(() -> chosen(run, value, a, false, true)));
		ALL.put("reject", (run, value, a) -> lazily(() -> chosen(run, value, a, false, false)));
		ALL.put("selectattr", (run, value, a) -> lazily(() -> chosen(run, value, a, true, true)));
		ALL.put("rejectattr", (run, value, a) -> lazily(() -> chosen(run, value, a, true, false)));
	}

	/** Equality and hash of a value as Python sees them. */
	private record Key(Object value) {

		@Override
		public boolean equals(Object other) {
			return other instanceof Key key && Values.equal(value, key.value);
		}

		@Override
		public int hashCode() {
			return Values.hash(value);
		}
	}

	private interface Source {
		Iterator<?> open();
	}

	/** A generator: nothing of it, errors included, happens before its first item is asked for. */
	private static Iterator<Object> lazily(Source source) {
		return new Iterator<>() {
			private Iterator<?> items;

			@Override
			public boolean hasNext() {
				if (items == null) {
					items = source.open();
				}
				return items.hasNext();
			}

			@Override
			public Object next() {
				hasNext();
				return items.next();
			}
		};
	}

	private static Object defaulted(Run run, Object value, Arguments arguments) {
		Object[] given = arguments.bind("default", 0, "default_value", "boolean");
		return value instanceof Undefined || Values.truth(Arguments.or(given[1], false)) && !Values.truth(value)
				? Arguments.or(given[0], "") : value;
	}

	private static Object length(Run run, Object value, Arguments arguments) {
		arguments.positionalOnly("len", 0, 0);
		int length = Values.length(value);
		if (length < 0) {
			throw new Failure("object of type '" + Values.typeName(value) + "' has no len()");
		}
		return (long) length;
	}

	private static Iterator<Object> reversed(Run run, Object value) {
		if (value == null || Values.isNumber(value) || Values.isGenerator(value) || !Values.isIterable(value)) {
			throw new Failure("'" + Values.typeName(value) + "' object is not reversible");
		}
		return Values.list(run, value).reversed().iterator();
	}

	private static Object cased(Object value, boolean sensitive) {
		return !sensitive && Values.isText(value) ? Text.lower(Values.text(value)) : value;
	}

	/** The steps of an attribute like {@code function.name} or {@code 0.id}. */
	private static List<Object> path(Object attribute) {
		List<Object> path = new ArrayList<>();
		if (attribute != null && !Values.isText(attribute)) {
			path.add(attribute);
		} else if (attribute != null) {
			for (String part : Text.split(Values.text(attribute), ".", -1)) {
				path.add(!part.isEmpty() && part.codePoints().allMatch(Text::isDecimal)
						? Numbers.parseInteger(part, 10) : part);
			}
		}
		return path;
	}

	private static Object follow(Object item, List<Object> path, Object standard) {
		Object at = item;
		for (Object step : path) {
			at = Values.item(at, step);
			if (standard != null && at instanceof Undefined) {
				at = standard;
			}
		}
		return at;
	}

	private static List<Object> sorted(Run run, List<Object> items, UnaryOperator<Object> key, boolean reverse) {
		Comparator<Object[]> order = (a, b) -> {
			run.step();
			return a[1] instanceof Double x && b[1] instanceof Double y ? Double.compare(x, y)
					: Values.compare(a[1], b[1], "<");
		};
		List<Object[]> keyed = new ArrayList<>(items.size());
		items.forEach(item -> keyed.add(new Object[] {item, key.apply(item)}));
		try {
			keyed.sort(reverse ? order.reversed() : order);
		} catch (IllegalArgumentException contradictory) {
			throw new Failure("the values to sort have no order");
		}
		List<Object> sorted = new ArrayList<>(items.size());
		keyed.forEach(pair -> sorted.add(pair[0]));
		return sorted;
	}

	private static Object dictSort(Run run, Object value, Arguments arguments) {
		Object[] given = arguments.bind("dictsort", 0, "case_sensitive", "by", "reverse");
		boolean sensitive = Values.truth(Arguments.or(given[0], false));
		Object by = Arguments.or(given[1], "key");
		if (!Values.equal(by, "key") && !Values.equal(by, "value")) {
			throw new Failure("You can only sort by either \"key\" or \"value\"");
		}
		if (!(value instanceof Map<?, ?> map)) {
			Values.defined(value);
			throw new Failure("'" + Values.typeName(value) + "' object has no attribute 'items'");
		}
		List<Object> pairs = new ArrayList<>();
		map.forEach((key, item) -> pairs.add(Tuple.of(key, item)));
		int half = Values.equal(by, "key") ? 0 : 1;
		return sorted(run, pairs, pair -> cased(((Tuple) pair).get(half), sensitive),
				Values.truth(Arguments.or(given[2], false)));
	}

	private static Object extreme(Run run, Object value, Arguments arguments, String name) {
		Object[] given = arguments.bind(name, 0, "case_sensitive", "attribute");
		boolean sensitive = Values.truth(Arguments.or(given[0], false));
		List<Object> path = path(Arguments.or(given[1], null));
		Iterator<Object> items = Values.iterate(value);
		if (!items.hasNext()) {
			return new Undefined("No aggregated item, sequence was empty.");
		}
		Object best = items.next();
		Object bestKey = cased(follow(best, path, null), sensitive);
		while (items.hasNext()) {
			run.step();
			Object item = items.next();
			Object key = cased(follow(item, path, null), sensitive);
			if (name.equals("min") ? Values.less(key, bestKey) : Values.greater(key, bestKey)) {
				best = item;
				bestKey = key;
			}
		}
		return best;
	}

	private static List<Object> batches(Run run, Object value, long size, Object fill) {
		List<Object> batches = new ArrayList<>();
		List<Object> batch = new ArrayList<>();
		for (Object item : Values.list(run, value)) {
			if (batch.size() == size) {
				batches.add(batch);
				batch = new ArrayList<>();
			}
			batch.add(item);
		}
		if (!batch.isEmpty()) {
			if (fill != null && batch.size() < size) {
				run.items(size);
				while (batch.size() < size) {
					batch.add(fill);
				}
			}
			batches.add(batch);
		}
		return batches;
	}

	private static List<Object> slices(Run run, Object value, long count, Object fill) {
		List<Object> items = Values.list(run, value);
		if (count == 0) {
			throw new Failure("integer division or modulo by zero");
		}
		run.items(Math.max(0, count));
		long each = Math.floorDiv(items.size(), count);
		long longer = Math.floorMod(items.size(), count);
		List<Object> slices = new ArrayList<>();
		int at = 0;
		for (long i = 0; i < count; i++) {
			int end = (int) (at + each + (i < longer ? 1 : 0));
			List<Object> slice = new ArrayList<>(items.subList(at, end));
			if (fill != null && i >= longer) {
				slice.add(fill);
			}
			slices.add(slice);
			at = end;
		}
		return slices;
	}

	private static Object groups(Run run, Object value, Arguments arguments) {
		Object[] given = arguments.bind("groupby", 1, "attribute", "default", "case_sensitive");
		boolean sensitive = Values.truth(Arguments.or(given[2], false));
		Object standard = Arguments.or(given[1], null);
		List<Object> path = path(given[0]);
		UnaryOperator<Object> key = item -> cased(follow(item, path, standard), sensitive);
		List<Object> groups = new ArrayList<>();
		List<Object> group = new ArrayList<>();
		Object last = Undefined.MISSING;
		for (Object item : sorted(run, Values.list(run, value), key, false)) {
			Object now = key.apply(item);
			if (last == Undefined.MISSING || !Values.equal(now, last)) {
				group = new ArrayList<>();
				groups.add(new Group(follow(item, path, standard), group));
				last = now;
			}
			group.add(item);
		}
		return groups;
	}

	private static Iterator<?> mapped(Run run, Object value, Arguments arguments) {
		if (!Values.truth(value)) {
			return new ArrayList<>().iterator();
		}
		List<Object> positional = arguments.positional();
		UnaryOperator<Object> step;
		if (positional.isEmpty() && arguments.named().containsKey("attribute")) {
			Object[] given = arguments.bind("map", 0, "attribute", "default");
			List<Object> path = path(given[0]);
			Object standard = Arguments.or(given[1], null);
			step = item -> follow(item, path, standard);
		} else {
			if (positional.isEmpty()) {
				throw new Failure("map requires a filter argument");
			}
			Filter filter = named(positional.get(0));
			Arguments rest = new Arguments(positional.subList(1, positional.size()), arguments.named());
			step = item -> filter.apply(run, item, rest);
		}
		return new Lazy(Values.iterate(value), item -> {
			run.step();
			return step.apply(item);
		});
	}

	private static Iterator<?> chosen(Run run, Object value, Arguments arguments, boolean byAttribute, boolean wanted) {
		if (!Values.truth(value)) {
			return new ArrayList<>().iterator();
		}
		List<Object> positional = arguments.positional();
		if (byAttribute && positional.isEmpty()) {
			throw new Failure("Missing parameter for attribute name");
		}
		int skip = byAttribute ? 1 : 0;
		List<Object> path = byAttribute ? path(positional.get(0)) : List.of();
		Predicate<Object> test = Values::truth;
		if (positional.size() > skip) {
			Object name = positional.get(skip);
			Tests.Test named = Values.isText(name) ? Tests.find(Values.text(name)) : null;
			if (named == null) {
				throw new Failure("No test named " + Values.repr(name) + ".");
			}
			Arguments rest = new Arguments(positional.subList(skip + 1, positional.size()), arguments.named());
			test = item -> named.holds(run, item, rest);
		}
		Predicate<Object> holds = test;
		return new Lazy(Values.iterate(value), item -> {
			run.step();
			return holds.test(follow(item, path, null)) == wanted ? item : Undefined.MISSING;
		});
	}
}
