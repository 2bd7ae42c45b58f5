package meshwork.jinja;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** {@code json.dumps} and {@code json.loads} as Python's templates know them. */
final class Json {

	private final StringBuilder out = new StringBuilder();
	private final Run run;
	private final boolean ascii;
	private final String indent;
	private final String between;
	private final String after;
	private final boolean sorted;

	private Json(Run run, boolean ascii, String indent, String between, String after, boolean sorted) {
		this.run = run;
		this.ascii = ascii;
		this.indent = indent;
		this.between = between;
		this.after = after;
		this.sorted = sorted;
	}

	/** {@code tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False)}. */
	static Object filter(Run run, Object value, Arguments arguments) {
		Object[] given = arguments.bind("tojson", 0, "ensure_ascii", "indent", "separators", "sort_keys");
		Object indent = Arguments.or(given[1], null);
		Object separators = Arguments.or(given[2], null);
		String between = indent == null ? ", " : ",";
		String after = ": ";
		if (separators != null) {
			List<Object> two = Values.list(run, separators);
			if (two.size() != 2 || !Values.isText(two.get(0)) || !Values.isText(two.get(1))) {
				throw new Failure("tojson separators are two strings, not " + Values.repr(separators));
			}
			between = Values.text(two.get(0));
			after = Values.text(two.get(1));
		}
		String step = indent == null ? null : Values.isText(indent) ? Values.text(indent)
				: " ".repeat(Math.clamp(Numbers.index(indent, "tojson"), 0, 1024));
		Json json = new Json(run, Values.truth(Arguments.or(given[0], false)), step, between, after,
				Values.truth(Arguments.or(given[3], false)));
		json.write(value, 0);
		return run.text(json.out.toString());
	}

	private void write(Object value, int depth) {
		run.step();
		switch (value) {
			case null -> out.append("null");
			case Boolean truth -> out.append((boolean) truth);
			case Long number -> out.append((long) number);
			case BigInteger number -> out.append(number);
			case Double number -> out.append(number(number));
			case String text -> quote(text);
			case Markup markup -> quote(markup.text());
			case Range _ -> throw unserializable(value);
			case List<?> list -> {
				if (list.isEmpty()) {
					out.append("[]");
					return;
				}
				out.append('[');
				for (int i = 0; i < list.size(); i++) {
					separate(i, depth + 1);
					write(list.get(i), depth + 1);
				}
				close(depth, ']');
			}
			case Map<?, ?> map -> {
				if (map.isEmpty()) {
					out.append("{}");
					return;
				}
				out.append('{');
				int i = 0;
				for (Map.Entry<?, ?> entry : entries(map)) {
					separate(i++, depth + 1);
					quote(key(entry.getKey()));
					out.append(after);
					write(entry.getValue(), depth + 1);
				}
				close(depth, '}');
			}
			default -> throw unserializable(value);
		}
		run.fits(out.length());
	}

	private static Failure unserializable(Object value) {
		return new Failure("Object of type " + Values.typeName(value) + " is not JSON serializable");
	}

	private List<Map.Entry<?, ?>> entries(Map<?, ?> map) {
		List<Map.Entry<?, ?>> entries = new ArrayList<>(map.entrySet());
		if (sorted) {
			entries.sort((a, b) -> Values.compare(a.getKey(), b.getKey(), "<"));
		}
		return entries;
	}

	private static String key(Object key) {
		return switch (key) {
			case String text -> text;
			case Markup markup -> markup.text();
			case null -> "null";
			case Boolean truth -> truth.toString();
			case Double number -> number(number);
			case Long number -> number.toString();
			case BigInteger number -> number.toString();
			default -> throw new Failure("keys must be str, int, float, bool or None, not " + Values.typeName(key));
		};
	}

	private static String number(double number) {
		return Double.isNaN(number) ? "NaN" : Double.isInfinite(number) ? number > 0 ? "Infinity" : "-Infinity"
				: Numbers.repr(number);
	}

	private void separate(int item, int depth) {
		if (item > 0) {
			out.append(between);
		}
		newLine(depth);
	}

	private void close(int depth, char bracket) {
		newLine(depth);
		out.append(bracket);
	}

	private void newLine(int depth) {
		if (indent != null) {
			run.fits(out.length() + (long) indent.length() * depth);
			out.append('\n').repeat(indent, depth);
		}
	}

	private void quote(String text) {
		run.fits((long) out.length() + text.length());
		out.append('"');
		for (int i = 0; i < text.length(); i++) {
			char c = text.charAt(i);
			switch (c) {
				case '"' -> out.append("\\\"");
				case '\\' -> out.append("\\\\");
				case '\n' -> out.append("\\n");
				case '\r' -> out.append("\\r");
				case '\t' -> out.append("\\t");
				case '\b' -> out.append("\\b");
				case '\f' -> out.append("\\f");
				default -> {
					if (c < 0x20 || ascii && c > 0x7e) {
						out.append("\\u%04x".formatted((int) c));
					} else {
						out.append(c);
					}
				}
			}
		}
		out.append('"');
	}

	/** {@code json.loads(text)}. */
	static Object parse(Run run, String text) {
		Reader reader = new Reader(run, text);
		Object value = reader.value();
		reader.skipSpace();
		if (reader.at < text.length()) {
			throw reader.expected("the end");
		}
		return value;
	}

	private static final class Reader {

		private final Run run;
		private final String text;
		private int at;

		Reader(Run run, String text) {
			this.run = run;
			this.text = text;
		}

		Object value() {
			run.step();
			skipSpace();
			if (at >= text.length()) {
				throw expected("a value");
			}
			char c = text.charAt(at);
			return switch (c) {
				case '{' -> object();
				case '[' -> array();
				case '"' -> string();
				default -> literal();
			};
		}

		private Object object() {
			Map<Object, Object> map = new LinkedHashMap<>();
			at++;
			skipSpace();
			if (take('}')) {
				return map;
			}
			do {
				skipSpace();
				if (at >= text.length() || text.charAt(at) != '"') {
					throw expected("a key in double quotes");
				}
				String key = string();
				skipSpace();
				if (!take(':')) {
					throw expected("':'");
				}
				map.put(key, value());
				skipSpace();
			} while (take(','));
			if (!take('}')) {
				throw expected("',' or '}'");
			}
			return map;
		}

		private Object array() {
			List<Object> items = new ArrayList<>();
			at++;
			skipSpace();
			if (take(']')) {
				return items;
			}
			do {
				items.add(value());
				skipSpace();
			} while (take(','));
			if (!take(']')) {
				throw expected("',' or ']'");
			}
			return items;
		}

		private String string() {
			StringBuilder made = new StringBuilder();
			at++;
			while (at < text.length()) {
				char c = text.charAt(at++);
				if (c == '"') {
					return run.text(made.toString());
				}
				if (c < 0x20) {
					at--;
					throw expected("no control character in a string");
				}
				if (c != '\\') {
					made.append(c);
					continue;
				}
				if (at == text.length()) {
					break;
				}
				char escaped = text.charAt(at++);
				switch (escaped) {
					case '"', '\\', '/' -> made.append(escaped);
					case 'n' -> made.append('\n');
					case 'r' -> made.append('\r');
					case 't' -> made.append('\t');
					case 'b' -> made.append('\b');
					case 'f' -> made.append('\f');
					case 'u' -> {
						if (at + 4 > text.length() || !text.substring(at, at + 4).matches("[0-9a-fA-F]{4}")) {
							throw expected("four hex digits");
						}
						made.append((char) Integer.parseInt(text.substring(at, at + 4), 16));
						at += 4;
					}
					default -> throw expected("an escape");
				}
			}
			throw expected("'\"'");
		}

		private Object literal() {
			int start = at;
			while (at < text.length() && ",]} \t\n\r:".indexOf(text.charAt(at)) < 0) {
				at++;
			}
			String word = text.substring(start, at);
			switch (word) {
				case "true":
					return true;
				case "false":
					return false;
				case "null":
					return null;
				case "NaN":
					return Double.NaN;
				case "Infinity":
					return Double.POSITIVE_INFINITY;
				case "-Infinity":
					return Double.NEGATIVE_INFINITY;
				default:
					if (word.length() < 1024 && word.matches("-?(0|[1-9][0-9]*)")) {
						return Values.integer(new BigInteger(word));
					}
					if (word.length() < 1024 && word.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][-+]?[0-9]+)?")) {
						return Double.parseDouble(word);
					}
					at = start;
					throw expected("a value");
			}
		}

		private boolean take(char c) {
			boolean there = at < text.length() && text.charAt(at) == c;
			at += there ? 1 : 0;
			return there;
		}

		void skipSpace() {
			while (at < text.length() && " \t\n\r".indexOf(text.charAt(at)) >= 0) {
				at++;
			}
		}

		Failure expected(String what) {
			return new Failure("JSON: expected " + what + " at character " + at);
		}
	}
}
