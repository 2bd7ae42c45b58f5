package meshwork.chat.reply;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A value as models write it beside JSON: as Python does, with names for keys, or with strings between {@code <|"|>}. Written again
 * as JSON.
 */
final class Values {

	private static final Map<String, String> WORDS = Map.of("true", "true", "True", "true", "false", "false", "False", "false", "null", "null",
			"None", "null");
	private static final String QUOTE = "<|\"|>";
	private static final int DEEPEST = 200;

	private final String text;
	private final StringBuilder out = new StringBuilder();
	private int at;

	private Values(String text) {
		this.text = text;
	}

	private static final class Malformed extends Exception {
		private Malformed() {
			super(null, null, false, false);
		}
	}

	/** The value in JSON; empty if it is none. */
	static Optional<String> json(String text) {
		var values = new Values(text);
		try {
			values.value(0);
			values.space();
			return values.at == text.length() ? Optional.of(values.out.toString()) : Optional.empty();
		} catch (Malformed _) {
			return Optional.empty();
		}
	}

	/** The members of an object as JSON, in their order; empty if it is none. */
	static Optional<Map<String, String>> members(String text) {
		var values = new Values(text);
		try {
			values.space();
			if (!values.eats("{"))
				return Optional.empty();
			var members = new LinkedHashMap<String, String>();
			for (boolean more = !values.closes('}'); more; more = values.more('}')) {
				values.key();
				String key = values.taken();
				values.value(0);
				members.put(text(key), values.taken());
			}
			values.space();
			return values.at == text.length() ? Optional.of(members) : Optional.empty();
		} catch (Malformed _) {
			return Optional.empty();
		}
	}

	/** What a JSON string says. */
	static String text(String quoted) {
		var said = new StringBuilder();
		for (int i = 1; i < quoted.length() - 1; i++) {
			char c = quoted.charAt(i);
			if (c != '\\') {
				said.append(c);
				continue;
			}
			char kind = quoted.charAt(++i);
			switch (kind) {
				case 'n' -> said.append('\n');
				case 't' -> said.append('\t');
				case 'r' -> said.append('\r');
				case 'b' -> said.append('\b');
				case 'f' -> said.append('\f');
				case 'u' -> {
					said.append((char) Integer.parseInt(quoted, i + 1, i + 5, 16));
					i += 4;
				}
				default -> said.append(kind);
			}
		}
		return said.toString();
	}

	/** A text as a JSON string. */
	static String quoted(CharSequence text) {
		var json = new StringBuilder("\"");
		for (int i = 0; i < text.length(); i++)
			escape(text.charAt(i), true, json);
		return json.append('"').toString();
	}

	/** @param all also what stands in a string escaped only because JSON asks for it */
	static void escape(char c, boolean all, StringBuilder json) {
		if (c < ' ')
			json.append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : "\\u%04x".formatted((int) c));
		else if (all && (c == '"' || c == '\\'))
			json.append('\\').append(c);
		else
			json.append(c);
	}

	/** True, false and null, as JSON has them. */
	static Optional<String> word(String word) {
		return Optional.ofNullable(WORDS.get(word));
	}

	/** The word that begins so. */
	static Optional<String> beginning(String begin) {
		return WORDS.keySet().stream().filter(word -> word.startsWith(begin)).findFirst().map(WORDS::get);
	}

	private String taken() {
		String taken = out.toString();
		out.setLength(0);
		return taken;
	}

	private void space() {
		while (at < text.length() && Character.isWhitespace(text.charAt(at)))
			at++;
	}

	private boolean eats(String token) {
		boolean there = text.startsWith(token, at);
		if (there)
			at += token.length();
		return there;
	}

	private boolean closes(char end) {
		space();
		return eats(String.valueOf(end));
	}

	private boolean more(char end) throws Malformed {
		space();
		if (eats(","))
			return true;
		if (closes(end))
			return false;
		throw new Malformed();
	}

	private void value(int depth) throws Malformed {
		if (depth > DEEPEST)
			throw new Malformed();
		space();
		if (eats("{")) {
			out.append('{');
			for (boolean more = !closes('}'); more; more = more('}')) {
				if (out.charAt(out.length() - 1) != '{')
					out.append(", ");
				key();
				out.append(": ");
				value(depth + 1);
			}
			out.append('}');
		} else if (eats("[")) {
			out.append('[');
			boolean first = true;
			for (boolean more = !closes(']'); more; more = more(']')) {
				out.append(first ? "" : ", ");
				first = false;
				value(depth + 1);
			}
			out.append(']');
		} else if (!string()) {
			String word = bare();
			out.append(word(word).orElse(word));
			if (word(word).isEmpty() && !word.matches("-?(0|[1-9][0-9]*)(\\.[0-9]+)?([eE][+-]?[0-9]+)?"))
				throw new Malformed();
		}
	}

	private void key() throws Malformed {
		space();
		if (!string())
			out.append(quoted(bare()));
		space();
		if (!eats(":"))
			throw new Malformed();
	}

	private String bare() throws Malformed {
		int start = at;
		while (at < text.length() && (Character.isLetterOrDigit(text.charAt(at)) || "_-+.$".indexOf(text.charAt(at)) >= 0))
			at++;
		if (at == start)
			throw new Malformed();
		return text.substring(start, at);
	}

	private boolean string() throws Malformed {
		if (eats(QUOTE)) {
			int end = text.indexOf(QUOTE, at);
			if (end < 0)
				throw new Malformed();
			out.append(quoted(text.substring(at, end)));
			at = end + QUOTE.length();
			return true;
		}
		if (at == text.length() || text.charAt(at) != '"' && text.charAt(at) != '\'')
			return false;
		char quote = text.charAt(at++);
		out.append('"');
		for (;; at++) {
			if (at == text.length())
				throw new Malformed();
			char c = text.charAt(at);
			if (c == quote)
				break;
			if (c != '\\')
				escape(c, true, out);
			else
				escaped();
		}
		at++;
		out.append('"');
		return true;
	}

	private void escaped() throws Malformed {
		if (++at == text.length())
			throw new Malformed();
		char c = text.charAt(at);
		int digits = c == 'x' ? 2 : c == 'u' ? 4 : 0;
		if (digits > 0) {
			if (at + digits >= text.length() || !text.substring(at + 1, at + 1 + digits).matches("[0-9A-Fa-f]+"))
				throw new Malformed();
			out.append("\\u").append("0".repeat(4 - digits)).append(text, at + 1, at + 1 + digits);
			at += digits;
		} else if (c == '\'')
			out.append(c);
		else if ("\"\\/bfnrt".indexOf(c) >= 0)
			out.append('\\').append(c);
		else {
			out.append("\\\\");
			escape(c, true, out);
		}
	}
}
