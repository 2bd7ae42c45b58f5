package meshwork.chat.schema;

import java.util.Map;

import org.osgi.service.component.annotations.Component;

import meshwork.api.chat.Grammars;

/** Writes the grammars of JSON Schemas. */
@Component
public final class SchemaGrammars implements Grammars {

	@Override
	public String ofSchema(Map<String, ?> schema) {
		return new Translation(schema, new Rules()).grammar();
	}
}
