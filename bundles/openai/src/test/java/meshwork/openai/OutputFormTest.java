package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.inference.Prompt;
import meshwork.chat.schema.SchemaGrammars;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;

/** What form the output has to have becomes the grammar that the engine is given; what can't be had is told with its place. */
@Timeout(60)
class OutputFormTest {

	@AutoClose
	private static final ApiServer api = new ApiServer();

	/** A reply has its form, so that thoughts and calls are left out of it; plain text is sampled in its form. */
	private static Optional<String> form() {
		assertTrue(api.inference.last().sampling().stages().stream().noneMatch(Stage.Grammar.class::isInstance));
		return ((Prompt.Chat) api.inference.last().prompt()).rules().form();
	}

	private static String grammar(String schema) {
		return new SchemaGrammars().ofSchema(Json.map(ApiServer.json(schema)));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			"response_format": {"type": "json_object"}                                                                     | {"type": "object"}
			"response_format": {"type": "json_object", "schema": {"properties": {"b": {}, "a": {}}}}                       | {"properties": {"b": {}, "a": {}}}
			"response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": {"enum": [1.5, "x"]}}} | {"enum": [1.5, "x"]}
			"json_schema": {"type": "integer"}                                                                             | {"type": "integer"}
			"json_schema": {}, "response_format": {"type": "text"}                                                         | {}
			""")
	void aSchemaBindsTheOutput(String members, String schema) {
		assertEquals(200, api.chat(members).status());
		assertEquals(Optional.of(grammar(schema)), form());
		assertEquals(200, api.complete("\"prompt\": \"a\", \"temperature\": 0, " + members).status());
		assertEquals(List.of(new Stage.Grammar(grammar(schema)), new Stage.Temperature(0)), api.inference.last().sampling().stages());
	}

	@ParameterizedTest
	@ValueSource(strings = { "\"response_format\": {\"type\": \"text\"}", "\"response_format\": null, \"grammar\": \"\"" })
	void textMayBeAnything(String members) {
		assertEquals(200, api.chat(members).status());
		assertEquals(Optional.empty(), form());
	}

	@Test
	void aGrammarIsHandedOn() {
		String member = "\"grammar\": \"root ::= [a-z]\"";
		assertEquals(200, api.chat(member).status());
		assertEquals(Optional.of("root ::= [a-z]"), form());
		assertEquals(200, api.complete("\"prompt\": \"a\", " + member).status());
		assertEquals(List.of(new Stage.Grammar("root ::= [a-z]"), new Stage.Temperature(1)), api.inference.last().sampling().stages());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
			"response_format": {}                                          | response_format.type               | missing required parameter
			"response_format": {"type": "xml"}                             | response_format.type               | one of text, json_object, json_schema
			"response_format": {"type": "json_schema"}                     | response_format.json_schema        | missing
			"response_format": {"type": "json_schema", "json_schema": {}}  | response_format.json_schema.schema | missing
			"response_format": {"type": "json_schema", "json_schema": {"schema": {"properties": {"a": {"not": {}}}}}} | response_format.json_schema.schema | 'not' at #/properties/a
			"response_format": {"type": "json_schema", "json_schema": {"schema": true}} | response_format.json_schema.schema | an object
			"json_schema": {"type": "integer", "multipleOf": 3}            | json_schema                        | 'multipleOf' at #
			"grammar": 5                                                   | grammar                            | a string
			"grammar": "root ::= \\"a\\"", "json_schema": {}              | json_schema                        | together with 'grammar'
			"grammar": "root ::= \\"a\\"", "response_format": {"type": "json_object"} | response_format         | together with 'grammar'
			""")
	void whatCannotBeHadIsToldWithItsPlace(String members, String param, String message) {
		for (Answer answer : List.of(api.chat(members), api.chat(members + ", \"stream\": true"), api.complete("\"prompt\": \"a\", " + members))) {
			JsonNode error = answer.json().get("error");
			assertEquals(400, answer.status(), error::toString);
			assertEquals(param, error.get("param").asString(null));
			assertTrue(error.get("message").asString().contains(message), error::toString);
		}
	}
}
