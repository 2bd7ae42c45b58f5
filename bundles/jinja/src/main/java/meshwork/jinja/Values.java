package meshwork.jinja;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What Python says about values. A value is null, Boolean, Long, BigInteger (only what no Long holds), Double, String,
 * {@link Markup}, List (with {@link Tuple} and {@link Range}), Map, or one of this package's own objects; nothing of the
 * host can be reached through it.
 */
final class Values {

	private static final BigInteger LEAST = BigInteger.valueOf(Long.MIN_VALUE);
	private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);
	private static final int DEEPEST = 512;

	private Values() {
	}

	/** Copies a value of the host's into one that templates work with. */
	static Object of(Object value, String where) {
		return of(value, where, 0);
	}

	private static Object of(Object value, String where, int depth) {
		if (depth > DEEPEST) {
			throw new IllegalArgumentException(where.substring(0, Math.min(80, where.length()))
					+ "… is nested more than " + DEEPEST + " deep");
		}
		return switch (value) {
			case null -> null;
			case String text -> text;
			case Boolean truth -> truth;
			case Long number -> number;
			case Double number -> number;
			case Integer number -> number.longValue();
			case Short number -> number.longValue();
			case Byte number -> number.longValue();
			case Float number -> number.doubleValue();
			case BigInteger number -> integer(number);
			case BigDecimal number -> number.doubleValue();
			case CharSequence text -> text.toString();
			case Map<?, ?> map -> {
				Map<Object, Object> copy = LinkedHashMap.newLinkedHashMap(map.size());
				map.forEach((key, item) -> put(copy, of(key, where, depth + 1),
						of(item, where + "." + key, depth + 1)));
				yield Collections.unmodifiableMap(copy);
			}
			case Collection<?> items -> {
				List<Object> copy = new ArrayList<>(items.size());
				for (Object item : items) {
					copy.add(of(item, where, depth + 1));
				}
				yield Collections.unmodifiableList(copy);
			}
			case TemplateFunction function -> (Callable) (_, arguments) -> of(
					function.call(arguments.positional(), arguments.named()), where + "()");
			default -> throw new IllegalArgumentException(where + " is a " + value.getClass().getName()
					+ ": templates take null, booleans, numbers, strings, lists, maps and functions");
		};
	}

	static Object integer(BigInteger number) {
		return number.compareTo(LEAST) < 0 || number.compareTo(MOST) > 0 ? number : (Object) number.longValue();
	}

	// -- what it is

	static boolean isText(Object value) {
		return value instanceof String || value instanceof Markup;
	}

	/** The characters of a string or markup. */
	static String text(Object value) {
		return value instanceof Markup markup ? markup.text() : (String) value;
	}

	static boolean isInteger(Object value) {
		return value instanceof Long || value instanceof BigInteger || value instanceof Boolean;
	}

	static boolean isNumber(Object value) {
		return value instanceof Double || isInteger(value);
	}

	static boolean isGenerator(Object value) {
		return value instanceof Iterator<?>;
	}

	/** Python's name for the type of a value. */
	static String typeName(Object value) {
		return switch (value) {
			case null -> "NoneType";
			case Boolean _ -> "bool";
			case Long _ -> "int";
			case BigInteger _ -> "int";
			case Double _ -> "float";
			case String _ -> "str";
			case Markup _ -> "Markup";
			case Tuple _ -> "tuple";
			case Range _ -> "range";
			case List<?> _ -> "list";
			case Map<?, ?> _ -> "dict";
			case DictView view -> "dict_" + view.kind();
			case Undefined _ -> "Undefined";
			case Namespace _ -> "Namespace";
			case Macro _ -> "Macro";
			case Loop _ -> "LoopContext";
			case Iterator<?> _ -> "generator";
			default -> "function";
		};
	}

	static String ownerName(Object value) {
		return value == null ? "None" : typeName(value) + " object";
	}

	// -- truth, equality, order

	static boolean truth(Object value) {
		return switch (value) {
			case null -> false;
			case Boolean truth -> truth;
			case String text -> !text.isEmpty();
			case Long number -> number != 0;
			case Double number -> number != 0;
			case Undefined _ -> false;
			case Markup markup -> !markup.text().isEmpty();
			case List<?> list -> !list.isEmpty();
			case Map<?, ?> map -> !map.isEmpty();
			case DictView view -> !view.map().isEmpty();
			case Loop loop -> loop.length() > 0;
			default -> true;
		};
	}

	static boolean equal(Object a, Object b) {
		if (a == b) {
			return !(a instanceof Double number && number.isNaN());
		}
		if (a == null || b == null) {
			return false;
		}
		if (isText(a)) {
			return isText(b) && text(a).equals(text(b));
		}
		if (isNumber(a)) {
			return isNumber(b) && !isNaN(a) && !isNaN(b) && Numbers.compare(a, b) == 0;
		}
		if (a instanceof Undefined) {
			return b instanceof Undefined;
		}
		if (a instanceof List<?> left && b instanceof List<?> right) {
			if (a instanceof Tuple != b instanceof Tuple || a instanceof Range != b instanceof Range
					|| left.size() != right.size()) {
				return false;
			}
			Run run = Run.CURRENT.get();
			for (int i = 0; i < left.size(); i++) {
				run.step();
				if (!equal(left.get(i), right.get(i))) {
					return false;
				}
			}
			return true;
		}
		if (a instanceof Map<?, ?> left && b instanceof Map<?, ?> right) {
			if (left.size() != right.size()) {
				return false;
			}
			Run run = Run.CURRENT.get();
			for (Map.Entry<?, ?> entry : left.entrySet()) {
				run.step();
				Object other = find(right, entry.getKey());
				if (other == Undefined.MISSING || !equal(entry.getValue(), other)) {
					return false;
				}
			}
			return true;
		}
		if (a instanceof DictView left && b instanceof DictView right) {
			return left.kind() == right.kind() && left.kind() != DictView.Kind.values
					&& left.map().size() == right.map().size() && sameItems(left, right);
		}
		return false;
	}

	private static boolean sameItems(DictView left, DictView right) {
		for (Iterator<Object> items = left.iterator(); items.hasNext();) {
			if (!anyEqual(right.iterator(), items.next())) {
				return false;
			}
		}
		return true;
	}

	private static boolean anyEqual(Iterator<Object> items, Object wanted) {
		Run run = Run.CURRENT.get();
		while (items.hasNext()) {
			run.step();
			if (equal(items.next(), wanted)) {
				return true;
			}
		}
		return false;
	}

	private static boolean isNaN(Object value) {
		return value instanceof Double number && number.isNaN();
	}

	/** Equal values have equal hashes, whatever their types; lists and maps have none. */
	static int hash(Object value) {
		return switch (value) {
			case null -> 0;
			case Boolean truth -> truth ? 1 : 0;
			case Double number when number == Math.rint(number) && Math.abs(number) < 1e18 -> Long
					.hashCode(number.longValue());
			case Markup markup -> markup.text().hashCode();
			case Tuple tuple -> tuple.hashCode();
			case Range range -> System.identityHashCode(range);
			case List<?> _ -> throw new Failure("unhashable type: 'list'");
			case Map<?, ?> _ -> throw new Failure("unhashable type: 'dict'");
			default -> value.hashCode();
		};
	}

	/** Three-way order of two values, for {@code operator} which names it if there is none. */
	static int compare(Object a, Object b, String operator) {
		if (isNumber(a) && isNumber(b)) {
			return Numbers.compare(a, b);
		}
		if (isText(a) && isText(b)) {
			return Text.compare(text(a), text(b));
		}
		if (a instanceof List<?> left && b instanceof List<?> right && a instanceof Tuple == b instanceof Tuple
				&& !(a instanceof Range) && !(b instanceof Range)) {
			Run run = Run.CURRENT.get();
			for (int i = 0; i < Math.min(left.size(), right.size()); i++) {
				run.step();
				if (!equal(left.get(i), right.get(i))) {
					return compare(left.get(i), right.get(i), operator);
				}
			}
			return Integer.compare(left.size(), right.size());
		}
		defined(a);
		defined(b);
		throw new Failure("'" + operator + "' not supported between instances of '" + typeName(a) + "' and '"
				+ typeName(b) + "'");
	}

	static boolean less(Object a, Object b) {
		return !isNaN(a) && !isNaN(b) && compare(a, b, "<") < 0;
	}

	static boolean lessOrEqual(Object a, Object b) {
		return !isNaN(a) && !isNaN(b) && compare(a, b, "<=") <= 0;
	}

	static boolean greater(Object a, Object b) {
		return !isNaN(a) && !isNaN(b) && compare(a, b, ">") > 0;
	}

	static boolean greaterOrEqual(Object a, Object b) {
		return !isNaN(a) && !isNaN(b) && compare(a, b, ">=") >= 0;
	}

	static <T> T defined(T value) {
		if (value instanceof Undefined undefined) {
			throw undefined.failure();
		}
		return value;
	}

	// -- what it holds

	/** Number of items or characters; -1 if the value has no length. */
	static int length(Object value) {
		return switch (value) {
			case String text -> Text.length(text);
			case Markup markup -> Text.length(markup.text());
			case List<?> list -> list.size();
			case Map<?, ?> map -> map.size();
			case DictView view -> view.map().size();
			case Undefined _ -> 0;
			case Loop loop -> loop.length();
			case null, default -> -1;
		};
	}

	static boolean isIterable(Object value) {
		return isText(value) || value instanceof List<?> || value instanceof Map<?, ?> || value instanceof DictView
				|| value instanceof Undefined || value instanceof Iterator<?> || value instanceof Loop;
	}

	@SuppressWarnings("unchecked")
	static Iterator<Object> iterate(Object value) {
		return switch (value) {
			case List<?> list -> (Iterator<Object>) list.iterator();
			case Map<?, ?> map -> (Iterator<Object>) map.keySet().iterator();
			case String text -> Text.characters(text);
			case Markup markup -> Text.characters(markup.text());
			case DictView view -> view.iterator();
			case Undefined _ -> Collections.emptyIterator();
			case Iterator<?> items -> (Iterator<Object>) items;
			case Loop loop -> loop.pairs();
			case null, default -> throw new Failure("'" + typeName(value) + "' object is not iterable");
		};
	}

	/** All items, paid for. */
	static List<Object> list(Run run, Object value) {
		List<Object> items = new ArrayList<>(value instanceof List<?> list ? list.size() : 8);
		for (Iterator<Object> source = iterate(value); source.hasNext();) {
			run.step();
			items.add(source.next());
		}
		return items;
	}

	static boolean contains(Run run, Object container, Object item) {
		switch (container) {
			case String _, Markup _ -> {
				if (!isText(item)) {
					defined(item);
					throw new Failure("'in <string>' requires string as left operand, not " + typeName(item));
				}
				String text = text(container);
				run.characters(text.length());
				return text.contains(text(item));
			}
			case Map<?, ?> map -> {
				hash(item);
				return find(map, item) != Undefined.MISSING;
			}
			case DictView(DictView.Kind kind, Map<Object, Object> map) when kind == DictView.Kind.keys -> {
				hash(item);
				return find(map, item) != Undefined.MISSING;
			}
			case null, default -> {
				if (!isIterable(container)) {
					throw new Failure("argument of type '" + typeName(container) + "' is not iterable");
				}
				for (Iterator<Object> items = iterate(container); items.hasNext();) {
					run.step();
					if (equal(items.next(), item)) {
						return true;
					}
				}
				return false;
			}
		}
	}

	// -- maps: 1, 1.0 and true are the same key, and so are text and markup

	/** The value under a key, {@link Undefined#MISSING} if there is none. */
	static Object find(Map<?, ?> map, Object key) {
		Object there = present(map, key);
		return there == Undefined.MISSING ? there : map.get(there);
	}

	private static Object present(Map<?, ?> map, Object key) {
		if (map.containsKey(key)) {
			return key;
		}
		if (isText(key)) {
			Object other = key instanceof Markup markup ? markup.text() : new Markup((String) key);
			return map.containsKey(other) ? other : Undefined.MISSING;
		}
		if (isNumber(key) && Numbers.asDouble(key) == Math.rint(Numbers.asDouble(key))) {
			Object whole = Numbers.truncate(key);
			if (map.containsKey(whole)) {
				return whole;
			}
			if (map.containsKey(Numbers.asDouble(whole))) {
				return Numbers.asDouble(whole);
			}
			if (whole instanceof Long number && (number == 0 || number == 1) && map.containsKey(number == 1)) {
				return number == 1;
			}
		}
		return Undefined.MISSING;
	}

	static void put(Map<Object, Object> map, Object key, Object value) {
		hash(key);
		Object there = present(map, key);
		map.put(there == Undefined.MISSING ? key : there, value);
	}

	// -- attributes and items

	/** {@code owner.name}: a method or property first, then an item. */
	static Object attribute(Object owner, String name) {
		if (owner instanceof Map<?, ?> map && !Methods.isDictMethod(name)) {
			Object value = map.get(name);
			return value != null ? value : Arguments.or(find(map, name), absent(owner, name));
		}
		if (owner instanceof Undefined undefined && !name.equals("__class__")) {
			throw undefined.failure();
		}
		Object own = Methods.find(owner, name);
		if (own != Undefined.MISSING) {
			return own;
		}
		return owner instanceof Map<?, ?> map ? Arguments.or(find(map, name), absent(owner, name))
				: absent(owner, name);
	}

	private static Undefined absent(Object owner, String name) {
		return name.startsWith("__")
				? new Undefined("access to attribute '" + name + "' of '" + typeName(owner) + "' object is unsafe.")
				: Undefined.of(owner, name);
	}

	/** {@code owner[key]}: an item first, then a method or property. */
	static Object item(Object owner, Object key) {
		Object value = subscript(owner, key);
		if (value != Undefined.MISSING) {
			return value;
		}
		if (isText(key)) {
			Object own = Methods.find(owner, text(key));
			return own != Undefined.MISSING ? own : absent(owner, text(key));
		}
		return Undefined.of(owner, key);
	}

	/** {@code owner[key]} and nothing else, {@link Undefined#MISSING} if there is no such item. */
	private static Object subscript(Object owner, Object key) {
		return switch (owner) {
			case Map<?, ?> map -> key instanceof List<?> && !(key instanceof Tuple) || key instanceof Map<?, ?>
					? Undefined.MISSING : find(map, key);
			case List<?> list -> {
				int at = index(key, list.size());
				yield at < 0 ? Undefined.MISSING : list.get(at);
			}
			case String text -> {
				int at = isInteger(key) ? index(key, Text.length(text)) : -1;
				yield at < 0 ? Undefined.MISSING : Text.at(text, at);
			}
			case Markup markup -> {
				int at = isInteger(key) ? index(key, Text.length(markup.text())) : -1;
				yield at < 0 ? Undefined.MISSING : new Markup(Text.at(markup.text(), at));
			}
			case Undefined undefined -> throw undefined.failure();
			case null, default -> Undefined.MISSING;
		};
	}

	private static int index(Object key, int size) {
		if (!isInteger(key) || key instanceof BigInteger) {
			return -1;
		}
		long at = Numbers.asLong(key);
		at = at < 0 ? at + size : at;
		return at >= 0 && at < size ? (int) at : -1;
	}

	/** {@code owner[start:stop:step]}. */
	static Object slice(Run run, Object owner, Object start, Object stop, Object step) {
		defined(owner);
		if (!isText(owner) && !(owner instanceof List<?>)) {
			throw new Failure(owner instanceof Map<?, ?> ? "unhashable type: 'slice'"
					: "'" + typeName(owner) + "' object is not subscriptable");
		}
		long by = step == null ? 1 : bound(step);
		if (by == 0) {
			throw new Failure("slice step cannot be zero");
		}
		int size = length(owner);
		long from = start == null ? (by > 0 ? 0 : size - 1) : clamp(bound(start), size, by);
		long to = stop == null ? (by > 0 ? size : -1) : clamp(bound(stop), size, by);
		if (owner instanceof Range range) {
			return range.slice(from, to, by);
		}
		if (owner instanceof List<?> list) {
			if (by == 1) {
				List<Object> part = from >= to ? List.of() : new ArrayList<>(list.subList((int) from, (int) to));
				run.items(part.size());
				return list instanceof Tuple ? new Tuple(part) : part;
			}
			List<Object> part = new ArrayList<>();
			for (long i = from; by > 0 ? i < to : i > to; i += by) {
				run.step();
				part.add(list.get((int) i));
			}
			return list instanceof Tuple ? new Tuple(part) : part;
		}
		String part = run.text(Text.slice(text(owner), from, to, by));
		return owner instanceof Markup ? new Markup(part) : part;
	}

	private static long bound(Object value) {
		if (!isInteger(value)) {
			defined(value);
			throw new Failure("slice indices must be integers or None or have an __index__ method");
		}
		return value instanceof BigInteger big ? big.signum() * (long) Integer.MAX_VALUE
				: Math.clamp(Numbers.asLong(value), -Integer.MAX_VALUE, Integer.MAX_VALUE);
	}

	private static long clamp(long at, int size, long by) {
		long from = at < 0 ? at + size : at;
		return by > 0 ? Math.clamp(from, 0, size) : Math.clamp(from, -1, size - 1);
	}

	// -- text of it

	/** {@code str(value)}. */
	static String str(Object value) {
		return switch (value) {
			case String text -> text;
			case Markup markup -> markup.text();
			case Undefined _ -> "";
			case null, default -> repr(value);
		};
	}

	/** {@code repr(value)}. */
	static String repr(Object value) {
		return switch (value) {
			case null -> "None";
			case Boolean truth -> truth ? "True" : "False";
			case Long number -> Long.toString(number);
			case Double number -> Numbers.repr(number);
			default -> {
				StringBuilder out = new StringBuilder();
				repr(value, out);
				yield out.toString();
			}
		};
	}

	private static void repr(Object value, StringBuilder out) {
		switch (value) {
			case String text -> Text.repr(text, out);
			case Markup markup -> {
				out.append("Markup(");
				Text.repr(markup.text(), out);
				out.append(')');
			}
			case Tuple tuple -> {
				repr(tuple, "(", ")", out);
				if (tuple.size() == 1) {
					out.insert(out.length() - 1, ',');
				}
			}
			case Range range -> {
				out.append("range(").append(range.start).append(", ").append(range.stop);
				out.append(range.step == 1 ? ")" : ", " + range.step + ")");
			}
			case List<?> list -> repr(list, "[", "]", out);
			case Map<?, ?> map -> repr(map, out);
			case DictView view -> {
				List<Object> items = new ArrayList<>();
				view.iterator().forEachRemaining(items::add);
				out.append("dict_").append(view.kind());
				repr(items, "([", "])", out);
			}
			case Namespace namespace -> {
				out.append("<Namespace ");
				repr(namespace.attributes(), out);
				out.append('>');
			}
			case Undefined _ -> out.append("Undefined");
			case BigInteger number -> out.append(number);
			case Macro macro -> out.append(macro.repr());
			case Loop loop -> out.append("<LoopContext ").append(loop.index0 + 1).append('/').append(loop.length())
					.append('>');
			case null -> out.append("None");
			case Boolean _, Long _, Double _ -> out.append(repr(value));
			default -> out.append('<').append(typeName(value)).append(" object>");
		}
	}

	private static void repr(List<?> items, String open, String close, StringBuilder out) {
		Run run = Run.CURRENT.get();
		out.append(open);
		for (int i = 0; i < items.size(); i++) {
			run.step();
			run.fits(out.length());
			if (i > 0) {
				out.append(", ");
			}
			repr(items.get(i), out);
		}
		out.append(close);
	}

	private static void repr(Map<?, ?> map, StringBuilder out) {
		out.append('{');
		String separator = "";
		Run run = Run.CURRENT.get();
		for (Map.Entry<?, ?> entry : map.entrySet()) {
			run.step();
			run.fits(out.length());
			out.append(separator);
			repr(entry.getKey(), out);
			out.append(": ");
			repr(entry.getValue(), out);
			separator = ", ";
		}
		out.append('}');
	}
}
