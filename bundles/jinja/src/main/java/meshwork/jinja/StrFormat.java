package meshwork.jinja;

import java.util.List;
import java.util.Map;

/** {@code text.format(…)}: replacement fields with attributes, items, conversions and nested specifications. */
final class StrFormat {

	private final Run run;
	private final List<Object> positional;
	private final Map<?, ?> named;
	private final boolean escaping;
	private int next;
	private boolean manual;

	StrFormat(Run run, List<Object> positional, Map<?, ?> named, boolean escaping) {
		this.run = run;
		this.positional = positional;
		this.named = named;
		this.escaping = escaping;
	}

	String format(String text) {
		return format(text, 2);
	}

	private String format(String text, int depth) {
		if (depth < 0) {
			throw new Failure("Max string recursion exceeded");
		}
		StringBuilder out = new StringBuilder(text.length() + 32);
		for (int at = 0; at < text.length();) {
			char c = text.charAt(at++);
			boolean doubled = at < text.length() && text.charAt(at) == c;
			if (c != '{' && c != '}') {
				out.append(c);
			} else if (doubled) {
				out.append(c);
				at++;
			} else if (c == '}') {
				throw new Failure("Single '}' encountered in format string");
			} else {
				int end = close(text, at);
				run.fits(out.length());
				out.append(run.text(field(text.substring(at, end), depth)));
				at = end + 1;
			}
		}
		return out.toString();
	}

	private static int close(String text, int from) {
		int depth = 1;
		boolean inKey = false;
		for (int at = from; at < text.length(); at++) {
			char c = text.charAt(at);
			inKey = inKey ? c != ']' : c == '[' && depth == 1;
			if (!inKey) {
				depth += c == '{' ? 1 : c == '}' ? -1 : 0;
			}
			if (depth == 0) {
				return at;
			}
		}
		throw new Failure(from == text.length() ? "Single '{' encountered in format string"
				: "expected '}' before end of string");
	}

	private String field(String field, int depth) {
		int nameEnd = 0;
		for (boolean inKey = false; nameEnd < field.length(); nameEnd++) {
			char c = field.charAt(nameEnd);
			inKey = inKey ? c != ']' : c == '[';
			if (!inKey && (c == '!' || c == ':')) {
				break;
			}
		}
		int at = nameEnd;
		char conversion = 0;
		if (at < field.length() && field.charAt(at) == '!') {
			if (at + 1 >= field.length()) {
				throw new Failure("end of string while looking for conversion specifier");
			}
			conversion = field.charAt(at + 1);
			at += 2;
			if (at < field.length() && field.charAt(at) != ':') {
				throw new Failure("expected ':' after conversion specifier");
			}
		}
		Object value = value(field.substring(0, nameEnd));
		String spec = at < field.length() ? format(field.substring(at + 1), depth - 1) : "";
		value = switch (conversion) {
			case 0 -> value;
			case 's' -> Values.str(value);
			case 'r' -> Values.repr(value);
			case 'a' -> Text.ascii(Values.repr(value));
			default -> throw new Failure("Unknown conversion specifier " + conversion);
		};
		if (!escaping) {
			return FormatSpec.format(run, value, spec);
		}
		if (value instanceof Markup markup) {
			if (!spec.isEmpty()) {
				throw new Failure("Unsupported format specification for Markup.");
			}
			return markup.text();
		}
		return Markup.escape(FormatSpec.format(run, value, spec)).text();
	}

	private Object value(String name) {
		int end = 0;
		while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
			end++;
		}
		Object value = first(name.substring(0, end));
		while (end < name.length()) {
			if (name.charAt(end) == '.') {
				int start = ++end;
				while (end < name.length() && name.charAt(end) != '.' && name.charAt(end) != '[') {
					end++;
				}
				if (start == end) {
					throw new Failure("Empty attribute in format string");
				}
				value = Values.attribute(value, name.substring(start, end));
			} else if (name.charAt(end) == '[') {
				int close = name.indexOf(']', end);
				if (close < 0) {
					throw new Failure("Missing ']' in format string");
				}
				String key = name.substring(end + 1, close);
				if (key.isEmpty()) {
					throw new Failure("Empty attribute in format string");
				}
				value = Values.item(value, isNumber(key) ? (Object) (long) FormatSpec.number(key) : key);
				end = close + 1;
			} else {
				throw new Failure("Only '.' or '[' may follow ']' in format field specifier");
			}
		}
		return value;
	}

	private Object first(String name) {
		if (name.isEmpty() || isNumber(name)) {
			boolean given = !name.isEmpty();
			if (given ? next > 0 : manual) {
				throw new Failure("cannot switch between manual field specification and automatic field numbering");
			}
			manual |= given;
			int index = given ? FormatSpec.number(name) : next++;
			if (index >= positional.size()) {
				throw new Failure("Replacement index " + index + " out of range for positional args tuple");
			}
			return positional.get(index);
		}
		Object value = Values.find(named, name);
		if (value == Undefined.MISSING) {
			throw new Failure("format names '" + name + "', which is not given");
		}
		return value;
	}

	private static boolean isNumber(String text) {
		return !text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9');
	}
}
