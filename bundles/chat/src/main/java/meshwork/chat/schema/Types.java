package meshwork.chat.schema;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The types that a schema allows. */
final class Types {

	private static final List<String> ALL = List.of("object", "array", "string", "number", "boolean", "null");

	/** A schema that says something of a type and doesn't name any is taken to mean it. */
	private static final Map<String, Set<String>> MEANT = new LinkedHashMap<>();

	static {
		MEANT.put("object", Set.of("properties", "required", "additionalProperties", "minProperties", "maxProperties"));
		MEANT.put("array", Set.of("items", "prefixItems", "minItems", "maxItems"));
		MEANT.put("string", Set.of("minLength", "maxLength", "pattern", "format"));
		MEANT.put("number", Set.of("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"));
	}

	private Types() {
	}

	/** Those that are named, those that are meant, or all. */
	static List<String> of(Schema schema) {
		var types = new ArrayList<String>();
		if (schema.has("type")) {
			Object type = schema.keywords().get("type");
			for (Object each : type instanceof List<?> list ? list : Collections.singletonList(type)) {
				if (!(each instanceof String name) || !ALL.contains(name) && !name.equals("integer"))
					throw schema.refused("type", "is " + Literals.json(each) + ", which is none of " + String.join(", ", ALL) + ", integer");
				types.add(name);
			}
			// as OpenAPI has it
			if (schema.get("nullable").filter(Boolean.TRUE::equals).isPresent() && !types.contains("null"))
				types.add("null");
			return types;
		}
		MEANT.forEach((type, keywords) -> {
			if (keywords.stream().anyMatch(schema::has))
				types.add(type);
		});
		return types.isEmpty() ? ALL : types;
	}

	/** Whether a value is of one of the types that are named. */
	static boolean allow(Schema schema, Object value) {
		if (!schema.has("type"))
			return true;
		List<String> types = of(schema);
		return switch (value) {
			case null -> types.contains("null");
			case String _ -> types.contains("string");
			case Boolean _ -> types.contains("boolean");
			case Map<?, ?> _ -> types.contains("object");
			case List<?> _ -> types.contains("array");
			case Number number -> types.contains("number") || types.contains("integer") && number.doubleValue() == Math.rint(number.doubleValue());
			default -> false;
		};
	}
}
