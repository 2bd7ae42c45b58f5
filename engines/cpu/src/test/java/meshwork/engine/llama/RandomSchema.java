package meshwork.engine.llama;

import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** JSON Schemas that nobody thought of; whatever is valid against one of them is short. */
final class RandomSchema {

	private static final List<String> PATTERNS = List.of("^[a-z]{2,5}$", "^\\\\d+(\\\\.\\\\d{2})?$", "^(red|green|blue)-[A-F]?$", "^[^a-z\\\\s\\\"]{1,4}$",
			"^\\\\w{1,3}(,\\\\w{1,3}){0,3}$", "^.{3}$");
	private static final List<String> FORMATS = List.of("date", "time", "date-time", "uuid", "ipv4");

	private final RandomGenerator random;

	RandomSchema(RandomGenerator random) {
		this.random = random;
	}

	String next() {
		String definitions = "\"one\": %s, \"list\": %s, \"node\": {\"type\": \"object\", \"properties\": {\"value\": %s, \"next\": {\"anyOf\": "
				+ "[{\"type\": \"null\"}, {\"$ref\": \"#/$defs/node\"}]}}, \"required\": [\"value\"]}";
		return "{\"$defs\": {%s}, %s".formatted(definitions.formatted(leaf(), array(2), leaf()), composed(0).substring(1));
	}

	private String any(int depth) {
		return depth > 2 || random.nextInt(3) == 0 ? leaf() : composed(depth);
	}

	private String composed(int depth) {
		return switch (random.nextInt(9)) {
			case 0, 1, 2 -> object(depth, "p");
			case 3, 4 -> array(depth);
			case 5 -> "{\"%s\": [%s, %s]}".formatted(random.nextBoolean() ? "anyOf" : "oneOf", "{\"type\": \"null\"}", object(depth + 1, "q"));
			case 6 -> "{\"allOf\": [%s, %s]}".formatted(object(depth + 1, "a"), "{\"required\": [\"a0\"]}");
			case 7 -> "{\"prefixItems\": [%s, %s], \"items\": %s, \"maxItems\": %d}".formatted(any(depth + 1), leaf(), leaf(), 2 + random.nextInt(3));
			default -> "{\"$ref\": \"#/$defs/%s\"}".formatted(List.of("one", "list", "node").get(random.nextInt(3)));
		};
	}

	private String object(int depth, String name) {
		int count = 1 + random.nextInt(4);
		String properties = IntStream.range(0, count).mapToObj(i -> "\"%s%d\": %s".formatted(name, i, any(depth + 1))).collect(Collectors.joining(", "));
		String required = IntStream.range(0, count).filter(i -> random.nextBoolean()).mapToObj(i -> "\"" + name + i + "\"").collect(Collectors.joining(", "));
		String additional = switch (random.nextInt(4)) {
			case 0 -> "";
			case 1 -> ", \"additionalProperties\": " + leaf();
			default -> ", \"additionalProperties\": false";
		};
		return "{\"type\": \"object\", \"properties\": {%s}, \"required\": [%s]%s}".formatted(properties, required, additional);
	}

	private String array(int depth) {
		int least = random.nextInt(3);
		return "{\"type\": \"array\", \"items\": %s, \"minItems\": %d, \"maxItems\": %d}".formatted(any(depth + 1), least, least + random.nextInt(3));
	}

	private String leaf() {
		return switch (random.nextInt(9)) {
			case 0 -> "{\"type\": \"boolean\"}";
			case 1 -> "{\"type\": [\"integer\", \"null\"]}";
			case 2 -> bounded("integer", random.nextInt(-300, 300), random.nextInt(2000));
			case 3 -> bounded("number", random.nextInt(-3000, 3000) / 100.0, random.nextInt(1, 5000) / 100.0);
			case 4 -> {
				int least = random.nextInt(4);
				yield "{\"type\": \"string\", \"minLength\": %d, \"maxLength\": %d}".formatted(least, least + random.nextInt(20));
			}
			case 5 -> "{\"enum\": [\"é|\\\"\", 1.5, null, {\"x\": [true]}, \"w%d\"]}".formatted(random.nextInt(100));
			case 6 -> "{\"type\": \"string\", \"pattern\": \"%s\"}".formatted(PATTERNS.get(random.nextInt(PATTERNS.size())));
			case 7 -> "{\"type\": \"string\", \"format\": \"%s\"}".formatted(FORMATS.get(random.nextInt(FORMATS.size())));
			default -> "{\"type\": \"number\"}";
		};
	}

	private String bounded(String type, Number least, Number range) {
		var keywords = new ArrayList<String>(List.of("\"type\": \"" + type + "\""));
		if (random.nextInt(4) > 0)
			keywords.add("\"%s\": %s".formatted(random.nextBoolean() ? "minimum" : "exclusiveMinimum", least));
		if (random.nextInt(4) > 0)
			keywords.add("\"%s\": %s".formatted(random.nextBoolean() ? "maximum" : "exclusiveMaximum", least.doubleValue() + range.doubleValue() + 2));
		return "{" + String.join(", ", keywords) + "}";
	}
}
