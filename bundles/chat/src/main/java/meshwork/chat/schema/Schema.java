package meshwork.chat.schema;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

import meshwork.api.chat.ChatRejected;

/**
 * The keywords of a schema; whoever asks for one that is wrong gets a refusal that names it.
 *
 * @param path where it stands, as a JSON Pointer
 */
record Schema(Map<String, ?> keywords, String path) {

	boolean has(String keyword) {
		return keywords.containsKey(keyword);
	}

	Optional<Long> count(String keyword) {
		return number(keyword).map(number -> {
			if (number.signum() < 0 || number.stripTrailingZeros().scale() > 0)
				throw refused(keyword, "has to be a count, but is " + number);
			return number.min(BigDecimal.valueOf(Integer.MAX_VALUE)).longValue();
		});
	}

	Optional<BigDecimal> number(String keyword) {
		return get(keyword).map(value -> switch (value) {
			case BigDecimal number -> number;
			case BigInteger number -> new BigDecimal(number);
			case Number number -> new BigDecimal(number.toString());
			default -> throw mistyped(keyword, "a number", value);
		});
	}

	Optional<String> text(String keyword) {
		return get(keyword).map(value -> {
			if (!(value instanceof String text))
				throw mistyped(keyword, "a string", value);
			return text;
		});
	}

	List<?> list(String keyword) {
		return get(keyword).map(value -> {
			if (!(value instanceof List<?> list))
				throw mistyped(keyword, "an array", value);
			return list;
		}).orElse(List.of());
	}

	/** The schemas that a keyword holds in a row. */
	List<?> schemas(String keyword) {
		List<?> schemas = list(keyword);
		if (schemas.stream().anyMatch(Objects::isNull))
			throw refused(keyword, "has null where a schema is expected");
		return schemas;
	}

	/** The schemas that a keyword holds by name. */
	@SuppressWarnings("unchecked")
	Map<String, Object> map(String keyword) {
		return get(keyword).map(value -> {
			if (!(value instanceof Map<?, ?> map))
				throw mistyped(keyword, "an object", value);
			if (map.values().stream().anyMatch(Objects::isNull))
				throw refused(keyword, "has null where a schema is expected");
			return (Map<String, Object>) map;
		}).orElse(Map.of());
	}

	/** The keyword's value; {@code null} is a value for {@code const} alone. */
	Optional<Object> get(String keyword) {
		return Optional.ofNullable(keywords.get(keyword));
	}

	ChatRejected refused(String keyword, String why) {
		return new ChatRejected("'%s' at %s of the schema: %s".formatted(keyword, path, why));
	}

	private ChatRejected mistyped(String keyword, String expected, Object value) {
		return refused(keyword, "has to be %s, but is %s".formatted(expected, Literals.json(value)));
	}
}
