package meshwork.chat.schema;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/** Merges two schemas into one that both agree to; {@code false} when nothing is left. */
final class Conjunction {

	private Conjunction() {
	}

	/** Both at once; what is within is put together when it is looked at. */
	static Object of(Object one, Object other) {
		if (Boolean.FALSE.equals(one) || Boolean.FALSE.equals(other))
			return false;
		if (one.equals(Boolean.TRUE) || one.equals(Map.of()))
			return other;
		return other.equals(Boolean.TRUE) || other.equals(Map.of()) ? one : Map.of("allOf", List.of(one, other));
	}

	/** Both at once, keyword by keyword. */
	static Object merged(Schema one, Schema other) {
		var merged = new LinkedHashMap<String, Object>(one.keywords());
		if (one.has("properties") || other.has("properties") || one.has("additionalProperties") || other.has("additionalProperties"))
			properties(one, other, merged);
		for (String keyword : other.keywords().keySet()) {
			Object theirs = other.keywords().get(keyword);
			if (!one.has(keyword))
				merged.putIfAbsent(keyword, theirs);
			else
				switch (keyword) {
					case "properties", "additionalProperties", "type" -> {
					}
					case "required" -> {
						Set<Object> names = new LinkedHashSet<>(one.list(keyword));
						names.addAll(other.list(keyword));
						merged.put(keyword, List.copyOf(names));
					}
					case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties" ->
						merged.put(keyword, one.number(keyword).get().max(other.number(keyword).get()));
					case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties" ->
						merged.put(keyword, one.number(keyword).get().min(other.number(keyword).get()));
					case "enum" -> merged.put(keyword, one.list(keyword).stream().filter(other.list(keyword)::contains).toList());
					case "items" -> merged.put(keyword, of(one.keywords().get(keyword), theirs));
					case "allOf" -> {
						List<Object> all = new ArrayList<>(one.schemas(keyword));
						all.addAll(other.schemas(keyword));
						merged.put(keyword, all);
					}
					case "anyOf" -> merged.put(keyword, one.schemas(keyword).stream().map(each -> of(each, Map.of(keyword, theirs))).toList());
					default -> {
						if (Translation.says(keyword) && !Objects.equals(one.keywords().get(keyword), theirs))
							throw one.refused(keyword, "can't be put together with another '" + keyword + "' in 'allOf', 'anyOf' or beside '$ref'");
					}
				}
		}
		if (one.has("type") || other.has("type")) {
			List<String> types = !one.has("type") ? Types.of(other) : other.has("type") ? common(Types.of(one), Types.of(other)) : Types.of(one);
			if (types.isEmpty())
				return false;
			merged.put("type", types);
			merged.remove("nullable");
		}
		return merged;
	}

	/** A property that one of them does not name is among the additional ones of that one. */
	private static void properties(Schema one, Schema other, Map<String, Object> merged) {
		Map<String, Object> properties = new LinkedHashMap<>();
		one.map("properties").forEach((name, schema) -> properties.put(name, of(schema, of(other, name))));
		other.map("properties").forEach((name, schema) -> properties.computeIfAbsent(name, _ -> of(of(one, name), schema)));
		merged.put("properties", properties);
		if (one.has("additionalProperties") || other.has("additionalProperties"))
			merged.put("additionalProperties", of(additional(one), additional(other)));
	}

	private static Object of(Schema schema, String property) {
		Object own = schema.map("properties").get(property);
		return own != null ? own : additional(schema);
	}

	private static Object additional(Schema schema) {
		return schema.get("additionalProperties").orElse(true);
	}

	/** Integers are numbers. */
	private static List<String> common(List<String> one, List<String> other) {
		var common = new ArrayList<String>();
		for (String type : one)
			if (other.contains(type) || type.equals("integer") && other.contains("number"))
				common.add(type);
			else if (type.equals("number") && other.contains("integer"))
				common.add("integer");
		return common;
	}
}
