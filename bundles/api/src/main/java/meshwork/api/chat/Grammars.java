package meshwork.api.chat;

import java.util.Map;

import org.osgi.annotation.versioning.ProviderType;

/** Writes grammars (GBNF) that let a model say nothing but what was asked for. */
@ProviderType
public interface Grammars {

	/**
	 * Writes the grammar of the JSON values that are valid against a schema: all that the grammar allows is valid; not all that is
	 * valid has to be allowed.
	 *
	 * @param schema JSON Schema, draft 2020-12, as maps, lists, strings, numbers and booleans; properties are said in its order
	 * @return a grammar with the rule {@code root}
	 * @throws ChatRejected when the schema can't be expressed, naming the keyword and where it stands
	 */
	String ofSchema(Map<String, ?> schema);
}
