package meshwork.chat.schema;

import java.util.Map;

import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Grammars and JSON, for the tests of other packages. */
public final class GbnfAccess {

	private static final JsonMapper MAPPER = new JsonMapper();

	private GbnfAccess() {
	}

	public static boolean allows(String grammar, String said) {
		return new Gbnf(grammar).allows(said);
	}

	/** A value, as what was read of it is compared. */
	public static JsonNode json(Map<String, ?> value) {
		return normal(Literals.json(value));
	}

	/** @throws AssertionError when it isn't JSON */
	public static JsonNode normal(String json) {
		try {
			return MAPPER.readTree(json);
		} catch (JacksonException e) {
			throw new AssertionError(json, e);
		}
	}
}
