package meshwork.openai;

import java.util.LinkedHashMap;
import java.util.Map;

import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** JSON as the API has it: members are named in snake case and keep their order; what is empty is {@code null} unless it says otherwise. */
final class Json {

	private static final JsonMapper MAPPER = JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
			.disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY).build();

	private Json() {
	}

	static byte[] write(Object value) {
		return MAPPER.writeValueAsBytes(value);
	}

	/** What {@link #write} writes. */
	static ObjectNode tree(Object value) {
		return MAPPER.valueToTree(value);
	}

	/** An object of ours. */
	static ObjectNode object(String text) {
		return (ObjectNode) MAPPER.readTree(text);
	}

	/** @throws Refusal when it is no JSON */
	static JsonNode read(byte[] text) {
		try {
			return MAPPER.readTree(text);
		} catch (JacksonException e) {
			TokenStreamLocation place = e.getLocation();
			throw Refusal.malformed("the body is not JSON%s: %s".formatted(
					place == null ? "" : " at line %d, column %d".formatted(place.getLineNr(), place.getColumnNr()), e.getOriginalMessage()));
		}
	}

	/** The members as maps, lists, strings, numbers and booleans, in the order in which they were written. */
	static Map<String, Object> map(JsonNode object) {
		var map = new LinkedHashMap<String, Object>();
		object.properties().forEach(entry -> map.put(entry.getKey(), plain(entry.getValue())));
		return map;
	}

	/** The value as maps, lists, strings, numbers and booleans. */
	static Object plain(JsonNode node) {
		return MAPPER.treeToValue(node, Object.class);
	}
}
