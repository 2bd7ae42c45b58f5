package meshwork.chat.schema;

import java.math.BigDecimal;
import java.util.Collection;
import java.util.Map;
import java.util.stream.Collectors;

/** Text as it stands in a grammar, and values as they stand in JSON. */
final class Literals {

	private Literals() {
	}

	/** A literal of the grammar that says this text. */
	static String of(String text) {
		return "\"" + text.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
	}

	/** A value in JSON, as short as it gets. */
	static String json(Object value) {
		return switch (value) {
			case null -> "null";
			case String text -> quoted(text);
			case Double number -> new BigDecimal(number.toString()).toString();
			case Map<?, ?> map -> map.entrySet().stream().map(entry -> quoted(entry.getKey().toString()) + ":" + json(entry.getValue()))
					.collect(Collectors.joining(",", "{", "}"));
			case Collection<?> list -> list.stream().map(Literals::json).collect(Collectors.joining(",", "[", "]"));
			default -> value.toString();
		};
	}

	static String quoted(String text) {
		var json = new StringBuilder("\"");
		text.codePoints().forEach(c -> {
			if (c == '"' || c == '\\')
				json.append('\\').append((char) c);
			else if (c < ' ' || c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)
				json.append(c == '\n' ? "\\n" : c == '\t' ? "\\t" : c == '\r' ? "\\r" : "\\u%04x".formatted(c));
			else
				json.appendCodePoint(c);
		});
		return json.append('"').toString();
	}
}
