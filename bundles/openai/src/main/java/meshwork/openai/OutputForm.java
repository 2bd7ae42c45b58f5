package meshwork.openai;

import java.util.ArrayList;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

import meshwork.api.chat.ChatRejected;
import meshwork.api.chat.Grammars;

/**
 * Reads what form the output has to have: {@code response_format} as OpenAI has it, {@code json_schema} and {@code grammar} as llama-server
 * has them. A schema binds whether it is called strict or not.
 */
final class OutputForm {

	private OutputForm() {
	}

	/** @return the grammar of the output, if it may not be any text */
	static Optional<String> read(Fields fields, Grammars grammars) {
		var asked = new ArrayList<String>();
		Optional<String> grammar = fields.text("grammar").filter(text -> !text.isBlank());
		grammar.ifPresent(_ -> asked.add("grammar"));
		Optional<String> schema = fields.object("json_schema").map(each -> grammar(each, grammars));
		schema.ifPresent(_ -> asked.add("json_schema"));
		Optional<String> format = fields.object("response_format").flatMap(each -> format(each, grammars));
		format.ifPresent(_ -> asked.add("response_format"));
		if (asked.size() > 1)
			throw fields.wrong(asked.getLast(), "can't be used together with '%s': the output has one form".formatted(asked.getFirst()));
		return grammar.or(() -> schema).or(() -> format);
	}

	/** As responses have it: {@code text.format}, where a schema stands beside its type. */
	static Optional<String> ofResponse(Fields fields, Grammars grammars) {
		return fields.object("text").flatMap(text -> text.object("format")).flatMap(format -> format(format, () -> format, grammars));
	}

	private static Optional<String> format(Fields format, Grammars grammars) {
		return format(format, () -> format.object("json_schema").orElseThrow(() -> Refusal.missing(format.name("json_schema"))), grammars);
	}

	/** @param named what has the schema, if the type is one that has */
	private static Optional<String> format(Fields format, Supplier<Fields> named, Grammars grammars) {
		String type = format.text("type").orElseThrow(() -> Refusal.missing(format.name("type")));
		return switch (type) {
			case "text" -> Optional.empty();
			case "json_object" -> Optional.of(format.object("schema").map(schema -> grammar(schema, grammars))
					.orElseGet(() -> grammars.ofSchema(Map.of("type", "object"))));
			case "json_schema" -> Optional.of(grammar(named.get().object("schema").orElseThrow(() -> Refusal.missing(named.get().name("schema"))),
					grammars));
			default -> throw format.wrong("type", "is '%s': it has to be one of text, json_object, json_schema".formatted(type));
		};
	}

	private static String grammar(Fields schema, Grammars grammars) {
		try {
			return grammars.ofSchema(Json.map(schema.object()));
		} catch (ChatRejected e) {
			throw Refusal.invalid(schema.path(), "invalid_value", e.getMessage());
		}
	}
}
