package meshwork.openai;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

import tools.jackson.databind.JsonNode;

/** The members of a JSON object; whoever asks for one that is wrong gets a refusal that names it. Those that are {@code null} are absent. */
record Fields(JsonNode object, String path) {

	/** How a member is called in messages, from the top. */
	String name(String member) {
		return path.isEmpty() ? member : path + "." + member;
	}

	boolean has(String member) {
		return !object.path(member).isMissingNode() && !object.path(member).isNull();
	}

	Optional<JsonNode> any(String member) {
		return has(member) ? Optional.of(object.get(member)) : Optional.empty();
	}

	JsonNode required(String member) {
		return any(member).orElseThrow(() -> Refusal.missing(name(member)));
	}

	Optional<String> text(String member) {
		return any(member).map(node -> {
			if (!node.isString())
				throw type(member, "a string", node);
			return node.stringValue();
		});
	}

	Optional<Boolean> flag(String member) {
		return any(member).map(node -> {
			if (!node.isBoolean())
				throw type(member, "a boolean", node);
			return node.booleanValue();
		});
	}

	Optional<Integer> integer(String member, int least, int most) {
		return whole(member).map(value -> {
			if (value < least)
				throw range(member, "integer_below_min_value", "at least " + least, value);
			if (value > most)
				throw range(member, "integer_above_max_value", "at most " + most, value);
			return value.intValue();
		});
	}

	Optional<Long> whole(String member) {
		return any(member).map(node -> {
			// 5.0 is an integer to many a client
			if (!node.isNumber() || !node.isIntegralNumber() && !isWhole(node.doubleValue()))
				throw type(member, "an integer", node);
			if (node.decimalValue().toBigInteger().bitLength() > 63)
				throw range(member, "integer_above_max_value", "a 64-bit integer", node);
			return node.decimalValue().longValue();
		});
	}

	private static boolean isWhole(double value) {
		return Double.isFinite(value) && value == Math.rint(value);
	}

	Optional<Float> number(String member, float least, float most) {
		return any(member).map(node -> {
			if (!node.isNumber())
				throw type(member, "a number", node);
			double value = node.doubleValue();
			if (value < least)
				throw range(member, "decimal_below_min_value", "at least " + least, value);
			if (value > most)
				throw range(member, "decimal_above_max_value", "at most " + most, value);
			return (float) value;
		});
	}

	Optional<Fields> object(String member) {
		return any(member).map(node -> object(node, name(member)));
	}

	/** The objects in an array; none if it is absent. */
	List<Fields> objects(String member) {
		var objects = new ArrayList<Fields>();
		for (JsonNode each : array(member))
			objects.add(object(each, element(member, objects.size())));
		return objects;
	}

	/** The strings in an array; none if it is absent. */
	List<String> texts(String member) {
		var texts = new ArrayList<String>();
		for (JsonNode each : array(member)) {
			if (!each.isString())
				throw mistyped(element(member, texts.size()), "a string", each);
			texts.add(each.stringValue());
		}
		return texts;
	}

	List<JsonNode> array(String member) {
		return any(member).map(node -> {
			if (!node.isArray())
				throw type(member, "an array", node);
			return List.copyOf(node.values());
		}).orElse(List.of());
	}

	private String element(String member, int index) {
		return "%s[%d]".formatted(name(member), index);
	}

	private static Fields object(JsonNode node, String name) {
		if (!node.isObject())
			throw mistyped(name, "an object", node);
		return new Fields(node, name);
	}

	Refusal type(String member, String expected, JsonNode node) {
		return mistyped(name(member), expected, node);
	}

	private static Refusal mistyped(String name, String expected, JsonNode node) {
		return Refusal.invalid(name, "invalid_type", "'%s' has to be %s, but is %s".formatted(name, expected, kind(node)));
	}

	private Refusal range(String member, String code, String expected, Object value) {
		return Refusal.invalid(name(member), code, "'%s' has to be %s, but is %s".formatted(name(member), expected, value));
	}

	/** For a value of the right type that makes no sense. */
	Refusal wrong(String member, String message) {
		return Refusal.invalid(name(member), "invalid_value", "'%s' %s".formatted(name(member), message));
	}

	Refusal unsupported(String member, String message) {
		return Refusal.unsupported(name(member), "'%s' %s".formatted(name(member), message));
	}

	private static String kind(JsonNode node) {
		return switch (node.getNodeType()) {
			case ARRAY -> "an array";
			case OBJECT, POJO -> "an object";
			case STRING, BINARY -> "a string";
			case BOOLEAN -> "a boolean";
			case NUMBER -> node.isIntegralNumber() ? "an integer" : "a number";
			case NULL, MISSING -> "null";
		};
	}
}
