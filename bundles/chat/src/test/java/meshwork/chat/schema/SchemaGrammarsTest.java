package meshwork.chat.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

import com.networknt.schema.InputFormat;
import com.networknt.schema.SchemaRegistry;
import com.networknt.schema.SpecificationVersion;

import meshwork.api.chat.ChatRejected;
import tools.jackson.databind.json.JsonMapper;

/** Keyword by keyword: what the grammar of a schema allows, what it doesn't, and what is refused. */
class SchemaGrammarsTest {

	private static final SchemaRegistry VALIDATOR = SchemaRegistry.withDefaultDialect(SpecificationVersion.DRAFT_2020_12);

	private static String grammar(String schema) {
		return new SchemaGrammars().ofSchema(map(schema));
	}

	@SuppressWarnings("unchecked")
	private static Map<String, Object> map(String schema) {
		return JsonMapper.shared().readValue(schema, Map.class);
	}

	/** Whatever it says is valid. */
	private static void assertSound(String schema) {
		var grammar = new Gbnf(grammar(schema));
		var valid = VALIDATOR.getSchema(schema, InputFormat.JSON);
		var random = new Random(schema.hashCode());
		int told = 0;
		for (int i = 0; i < 20; i++)
			try {
				String said = grammar.say(random);
				told++;
				assertEquals("[]", valid.validate(said, InputFormat.JSON, context -> context.executionConfig(config -> config.formatAssertionsEnabled(true)))
						.toString(), () -> said + " for " + schema);
				assertTrue(grammar.allows(said), said);
			} catch (IllegalStateException deep) {
				continue;
			}
		assertTrue(told > 2, schema);
	}

	/** What is divided by ¦ is allowed, or not. */
	@ParameterizedTest
	@CsvSource(delimiter = '§', quoteCharacter = '`', textBlock = """
			{}                                              § {}¦[]¦1¦-2.5e+3¦"a\\u00e9"¦true¦null¦{"a": [1, {"b": null}]}     § {'a': 1}¦01¦[1,]¦"\\ud800"¦nul¦{"a" :1}
			{"type": "object"}                              § {}¦{"a": 1, "b": [2]}                                    § []¦1¦{"a"}
			{"type": "boolean"}                             § true¦false                                                       § null¦"true"¦truefalse
			{"type": "null"}                                § null                                                             § false
			{"type": ["string", "null"]}                    § "a"¦null                                                         § 1¦true
			{"type": "string", "nullable": true}            § "a"¦null                                                         § 1
			{"enum": ["a|b", 1, null, {"x": [1.5]}, "\\"\\\\\\n"]} § "a|b"¦1¦null¦{"x":[1.5]}¦"\\"\\\\\\n"                     § "a"¦2¦{"x":[1]}
			{"type": "string", "enum": ["a", 1]}            § "a"                                                              § 1¦"b"
			{"const": "é"}                                  § "é"                                                              § "e"
			{"properties": {"a": {"type": "integer"}, "b": {"type": "boolean"}, "c": {"type": "null"}}, "required": ["b"]} § {"b":true}¦{"a":1, "b":true}¦{"b":true,"c":null} § {}¦{"a":1}¦{"b":true,"a":1}¦{"b":true,"d":1}¦{,"b":true}¦{"b":true,}¦{"b":true "c":null}
			{"properties": {"a": {"type": "null"}, "b": {"type": "null"}}} § {}¦{ }¦{"a":null}¦{"b":null}¦{"a":null,"b":null}  § {"c":null}¦{"b":null,"a":null}¦{"a":null,}
			{"properties": {"ab": {"type": "null"}, "b": {"type": "null"}}, "additionalProperties": {"type": "integer"}} § {}¦{"x":1}¦{"a":1}¦{"abc":1}¦{"ab":null,"x":1,"":2} § {"ab":1}¦{"x":null}¦{"b":1}¦{"x":1,"ab":null}¦{"a\\u0062":1}
			{"type": "object", "additionalProperties": false} § {}                                                             § {"a":1}
			{"type": "object", "required": ["a"]}           § {"a":1}¦{"a":[],"b":2}                                           § {}¦{"b":2}
			{"type": "array"}                               § []¦[1]¦[1, "a", [null]]                                          § {}¦[,]¦[1 2]
			{"items": {"type": "null"}, "minItems": 2, "maxItems": 3} § [null,null]¦[null, null, null]                         § []¦[null]¦[null,null,null,null]
			{"items": {"type": "null"}, "maxItems": 1}      § []¦[null]                                                        § [null,null]
			{"type": "array", "maxItems": 0}                § []                                                               § [1]
			{"prefixItems": [{"type": "integer"}, {"type": "boolean"}]} § [1,true]                                             § [1]¦[true,1]¦[1,true,2]
			{"prefixItems": [{"type": "integer"}], "items": {"type": "null"}, "maxItems": 3} § [1]¦[1,null]¦[1,null,null]      § []¦[null]¦[1,null,null,null]
			{"prefixItems": [{"type": "integer"}], "items": false} § [1]                                                       § [1,2]
			{"type": "string", "minLength": 1, "maxLength": 2} § "a"¦"ab"¦"\\n😀"¦"\\ud83d\\ude00é"                            § ""¦"abc"¦"\\ud83d"
			{"minLength": 2}                                § "ab"¦"abcdefgh"                                                  § "a"
			{"type": "integer"}                             § 0¦-1¦123456                                                      § -0¦01¦1.5¦1e3¦+1
			{"type": "number"}                              § 0¦-0.5¦1e10¦1.25E-3                                              § .5¦1.¦00¦-¦NaN
			{"type": "integer", "minimum": 17, "maximum": 1203} § 17¦99¦100¦1000¦1199¦1203                                     § 16¦1¦1204¦1300¦017¦9999
			{"type": "integer", "minimum": -12, "exclusiveMaximum": 5} § -12¦-1¦0¦4                                            § -13¦5¦-0
			{"type": "integer", "minimum": 1.5}             § 2¦3¦19¦999999                                                    § 1¦0¦-2
			{"type": "integer", "exclusiveMaximum": 0}      § -1¦-999                                                          § 0¦1
			{"type": "integer", "minimum": -1e308, "maximum": 3} § -1000000¦3                                                  § 4
			{"type": "number", "minimum": 0, "maximum": 1}  § 0¦1¦0.5¦0.9999¦1.0                                               § -0.1¦1.1¦2
			{"type": "number", "minimum": -0.25, "maximum": 2.5} § -0.25¦-0.2¦0¦1.75¦2.5¦2.49¦2                                § -0.26¦2.51¦2.6¦3
			{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1} § 0.001¦0.5¦0.999                                 § 0¦1¦0.0
			{"type": "number", "minimum": 0.125, "maximum": 0.125} § 0.125                                                     § 0.12¦0.126
			{"pattern": "^[a-c]+\\\\d{2}$"}                 § "a12"¦"cab00"                                                    § "12"¦"a1"¦"d12"
			{"pattern": "b|^c"}                             § "b"¦"abba"¦"cd"                                                  § "a"¦"ac"
			{"pattern": "^(?:a|\\"\\\\\\\\)?[^a-z\\\\s]{1,2}$"} § "A"¦"aA-"¦"\\"\\\\Z"                                         § "a"¦"b"¦" "
			{"pattern": "^\\\\w+(-\\\\w+)*$", "minLength": 1} § "a"¦"a-b_1"                                                    § ""¦"-"¦"a-"
			{"pattern": "^[A-Z]{3}$", "maxLength": 5}       § "ABC"                                                            § "AB"
			{"pattern": "^\\\\u00e9\\\\x41\\\\.\\\\/.$"}    § "éA./x"                                                          § "éAx/x"
			{"format": "date"}                              § "2024-02-29"¦"1999-12-31"¦"2000-02-29"                           § "2023-02-29"¦"1900-02-29"¦"2024-04-31"¦"24-01-01"
			{"format": "date-time"}                         § "2024-01-01T00:00:00Z"¦"2024-01-01T23:59:59.5+02:00"             § "2024-01-01"¦"2024-01-01T24:00:00Z"
			{"format": "uuid"}                              § "123e4567-e89b-12d3-a456-426614174000"                           § "123e4567"
			{"format": "ipv4", "minLength": 7}              § "127.0.0.1"¦"255.255.255.255"                                    § "256.1.1.1"¦"1.1.1"
			{"format": "email"}                             § "a.b+c@d.example.org"                                            § "a"¦"@b.c"¦"a@b"
			{"format": "unheard-of", "maxLength": 2}        § "a"                                                              § "abc"
			{"anyOf": [{"type": "integer"}, {"const": "x"}]} § 1¦"x"                                                           § "y"
			{"oneOf": [{"type": "integer"}, {"type": "null"}]} § 1¦null                                                        § "y"
			{"type": "integer", "anyOf": [{"maximum": 3}, {"type": "string"}, {"minimum": 8}]} § 3¦8                           § 4¦7¦"a"
			{"allOf": [{"properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": {"type": "null"}, "a": {"maximum": 5}}}]} § {"a":5}¦{"a":1,"b":null} § {"b":null}¦{"a":6}
			{"allOf": [{"properties": {"a": true}, "additionalProperties": false}, {"properties": {"b": {"type": "null"}}}]} § {}¦{"a":1} § {"b":null}
			{"$ref": "#/$defs/a~1b", "$defs": {"a/b": {"type": "null"}}} § null                                                § 1
			{"$ref": "#/definitions/n", "definitions": {"n": {"properties": {"next": {"anyOf": [{"$ref": "#/definitions/n"}, {"type": "null"}]}}, "required": ["next"]}}} § {"next":null}¦{"next":{"next":null}} § {}¦{"next":{}}
			{"type": "array", "items": {"$ref": "#"}}       § []¦[[],[[]]]                                                     § [1]
			{"$defs": {"a": {"type": "integer"}}, "properties": {"x": {"$ref": "#/$defs/a", "minimum": 3, "description": "d"}}} § {"x":3} § {"x":2}
			""")
	void aGrammarAllowsWhatIsValidAndNothingElse(String schema, String allowed, String not) {
		var grammar = new Gbnf(grammar(schema));
		for (String each : allowed.split("¦"))
			assertTrue(grammar.allows(each), () -> each + " by " + grammar(schema));
		for (String each : not.split("¦"))
			assertFalse(grammar.allows(each), () -> each + " by " + grammar(schema));
		// OpenAPI's word, which the validator doesn't know; and it knows all top-level domains
		if (!schema.contains("nullable") && !schema.contains("email"))
			assertSound(schema);
	}

	@ParameterizedTest
	@ValueSource(strings = { "time", "duration", "ipv6" })
	void aFormatOfWhichAPartIsSaidIsSaidRight(String format) {
		assertSound("{\"format\": \"%s\"}".formatted(format));
	}

	@ParameterizedTest
	@CsvSource(delimiter = '§', quoteCharacter = '`', textBlock = """
			{"properties": {"a": {"patternProperties": {"^x": {}}}}} § 'patternProperties' at #/properties/a of the schema: is not possible in a grammar
			{"type": "integer", "multipleOf": 5}    § 'multipleOf' at # of
			{"not": {"type": "null"}}               § 'not' at #
			{"allOf": [{"$ref": "#/$defs/a"}, {"type": "string"}], "$defs": {"a": {"not": {}}}} § 'not' at #
			{"if": {}, "then": {}}                  § 'if' at #
			{"type": "array", "uniqueItems": true}  § 'uniqueItems' at #
			{"allOf": [{"uniqueItems": false}, {"uniqueItems": true}]} § 'uniqueItems' at #
			{"properties": {"a": false}, "required": ["a"]} § 'false' at #/properties/a
			{"type": "text"}                        § 'type' at # of the schema: is "text"
			{"type": "string", "minLength": -1}     § 'minLength' at #
			{"type": "integer", "minimum": "1"}     § 'minimum' at # of the schema: has to be a number, but is "1"
			{"type": "integer", "minimum": 5, "maximum": 4} § 'minimum' at # of the schema: leaves no integer
			{"items": [{"type": "null"}]}           § 'items' at #
			{"$ref": "#/$defs/none"}                § '$ref' at # of the schema: is '#/$defs/none', and there is nothing
			{"$ref": "https://example.com/a"}       § '$ref' at #
			{"$ref": "#"}                           § '$ref' at #
			{"anyOf": [{"$ref": "#"}, {"type": "null"}]} § '$ref' at #/anyOf/0
			{"allOf": [{"$ref": "#"}, {"type": "null"}]} § nests more than 64 deep
			{"anyOf": []}                           § 'anyOf' at #
			{"enum": []}                            § 'enum' at #
			{"enum": ["abc", "d"], "minLength": 2}  § 'minLength' at # of the schema: is not possible beside 'enum'
			{"pattern": "^(?=a)b$"}                 § 'pattern' at # of the schema: '^(?=a)b$' looks around
			{"pattern": "(a)\\\\1"}                 § 'pattern' at #
			{"pattern": "\\\\bword"}                § 'pattern' at #
			{"pattern": "a^b"}                      § 'pattern' at #
			{"pattern": "(a*)*"}                    § 'pattern' at #
			{"pattern": "[a"}                       § 'pattern' at #
			{"pattern": "(a"}                       § 'pattern' at #
			{"pattern": "a)"}                       § 'pattern' at #
			{"pattern": "^a+$", "maxLength": 5}     § 'maxLength' at #
			{"pattern": "a", "format": "date"}      § 'format' at #
			{"properties": {"a": null}}             § 'properties' at #
			{"properties": {"a": 1}}                § 1 at #/properties/a
			{"anyOf": [null]}                       § 'anyOf' at #
			{"required": [1]}                       § 'required' at #
			""")
	void whatCannotBeSaidIsRefusedByName(String schema, String message) {
		String told = assertThrows(ChatRejected.class, () -> grammar(schema)).getMessage();
		assertTrue(told.contains(message), told);
	}

	@Test
	void valuesMayBeIndented() {
		var grammar = new Gbnf(grammar("{\"properties\": {\"a\": {\"items\": true}}}"));

		assertTrue(grammar.allows("{\n  \"a\": [\n    1,\n    {}\n  ]\n}"));
		assertFalse(grammar.allows("{\n\n\"a\": []}"));
		assertFalse(grammar.allows("{" + " ".repeat(30) + "}"));
	}

	@Test
	void whatWouldNeverEndIsRefused() {
		assertThrows(ChatRejected.class, () -> grammar("{\"items\": ".repeat(80) + "{}" + "}".repeat(80)));
		String twice = "{\"$defs\": {\"a0\": {\"type\": \"null\"}" + IntStream.range(1, 40).mapToObj(i -> ", \"a%d\": {\"anyOf\": [{\"$ref\": \"#/$defs/a%d\", \"maximum\": %d}, {\"$ref\": \"#/$defs/a%d\", \"minimum\": %d}]}"
				.formatted(i, i - 1, i, i - 1, i)).collect(Collectors.joining()) + "}, \"$ref\": \"#/$defs/a39\"}";
		assertThrows(ChatRejected.class, () -> grammar(twice));
	}

	@Test
	void propertiesThatMayBeLeftOutTakeARuleEach() {
		String properties = IntStream.range(0, 200).mapToObj(i -> "\"p%d\": {\"type\": \"integer\"}".formatted(i)).collect(Collectors.joining(", "));
		String grammar = grammar("{\"properties\": {%s}, \"additionalProperties\": {\"type\": \"null\"}}".formatted(properties));

		assertTrue(grammar.lines().count() < 1000, () -> grammar.lines().count() + " rules");
		assertTrue(new Gbnf(grammar).allows("{\"p3\":1,\"p77\":2,\"p199\":3,\"p200\":null}"));
		assertFalse(new Gbnf(grammar).allows("{\"p77\":1,\"p3\":2}"));
	}

	@ParameterizedTest
	@CsvSource({ "0, 1000", "0, 1001", "0, 4321", "1500, 1500", "2500, 7000", "0, 100000" })
	void lengthsAreCountedBeyondWhatLlamaCppCounts(int least, int most) {
		var grammar = new Gbnf(grammar("{\"type\": \"string\", \"minLength\": %d, \"maxLength\": %d}".formatted(least, most)));
		if (most < 10_000) {
			assertTrue(grammar.allows('"' + "a".repeat(most) + '"'));
			assertTrue(grammar.allows('"' + "a".repeat(Math.min(most, least + 150)) + '"'));
			assertFalse(grammar.allows('"' + "a".repeat(most + 1) + '"'));
		}
		assertTrue(grammar.allows('"' + "a".repeat(least) + '"'));
		assertFalse(least > 0 && grammar.allows('"' + "a".repeat(least - 1) + '"'));
	}
}
