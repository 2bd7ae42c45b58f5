package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import meshwork.api.engine.SamplerOptions.Stage;
import meshwork.api.inference.GenerationRequest;
import meshwork.api.inference.Prompt;
import meshwork.api.inference.ServedModel.State;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /completion} and {@code POST /infill}, as llama-server's clients know them. */
@Timeout(60)
class NativeCompletionsTest {

	@AutoClose
	private static final ApiServer api = new ApiServer();

	@BeforeAll
	static void serve() {
		for (String model : List.of(ScriptedInference.STOPPED, ScriptedInference.CODING, ScriptedInference.LINES, ScriptedInference.BROKEN))
			api.inference.served.add(ScriptedInference.model(model, State.READY));
	}

	/** By the good model, unless the members name another. */
	private static JsonNode complete(String members) {
		return api.post("/completion?model=scripted", "{" + members + "}").json();
	}

	private static int[] tokens(GenerationRequest request) {
		return ((Prompt.Tokens) request.prompt()).tokens();
	}

	/** Without what a table of its own tells. */
	private static JsonNode plain(JsonNode result) {
		return ((ObjectNode) result.deepCopy()).without(List.of("generation_settings", "timings"));
	}

	@Test
	void anAnswerAtOnceHasAllThatLlamaServerTells() {
		assertEquals(ApiServer.json("""
				{"index": 0, "content": "Hello, wörld!", "tokens": [], "id_slot": -1, "stop": true, "model": "scripted", "tokens_predicted": 4,
				 "tokens_evaluated": 5, "prompt": "<begin>ab", "has_new_line": false, "truncated": false, "stop_type": "eos", "stopping_word": "",
				 "tokens_cached": 8}"""), plain(complete("\"prompt\": \"ab\"")));
		assertEquals(4, complete("\"prompt\": \"ab\"").at("/timings/predicted_n").asInt());
		assertEquals(2, complete("\"prompt\": \"ab\"").at("/timings/cache_n").asInt());
		assertTrue(api.inference.last().likelihoods().isEmpty(), "likelihoods cost time");
	}

	@Test
	void whatIsNotSaidIsAsLlamaServerHasIt() {
		JsonNode settings = complete("\"prompt\": \"a\", \"top_k\": 5, \"seed\": 7, \"stop\": [\"x\"], \"min_p\": null").get("generation_settings");

		assertEquals(List.of(new Stage.TopK(5), new Stage.TopP(0.95f, 0), new Stage.MinP(0.05f, 0), new Stage.Temperature(0.8f)),
				api.inference.last().sampling().stages());
		assertEquals(7, api.inference.last().sampling().seed());
		assertEquals(Optional.empty(), api.inference.last().maxTokens());
		assertEquals(List.of("x"), api.inference.last().stops());
		assertEquals(ApiServer.json("[5, 0.95, 7, -1, [\"x\"]]"), ApiServer.json("[%s, %s, %s, %s, %s]".formatted(settings.get("top_k"),
				settings.get("top_p"), settings.get("seed"), settings.get("n_predict"), settings.get("stop"))));
	}

	@Test
	void aSeedThatWasDrawnIsTold() {
		long told = complete("\"prompt\": \"a\", \"seed\": -1").at("/generation_settings/seed").asLong();

		assertEquals(api.inference.last().sampling().seed(), told);
	}

	@Test
	void aGrammarIsToldAsTheModelIsHeldToIt() {
		JsonNode settings = complete("\"prompt\": \"a\", \"json_schema\": {\"type\": \"boolean\"}").get("generation_settings");

		assertTrue(settings.get("grammar").asString().contains("root ::="), settings::toString);
	}

	@Test
	void aStreamTellsTokenByTokenAndEndsWithTheResult() {
		Answer answer = api.post("/completion?model=scripted", "{\"prompt\": \"ab\", \"stream\": true, \"return_progress\": true}");
		List<JsonNode> events = answer.events();

		assertEquals(ApiServer.json("""
				{"index": 0, "content": " wörld", "tokens": [2], "stop": false, "id_slot": -1, "tokens_predicted": 3, "tokens_evaluated": 5}"""),
				events.get(2));
		assertEquals(ApiServer.json("""
				{"index": 0, "content": "", "tokens": [], "id_slot": -1, "stop": true, "model": "scripted", "tokens_predicted": 4,
				 "tokens_evaluated": 5, "prompt": "<begin>ab", "has_new_line": false, "truncated": false, "stop_type": "eos", "stopping_word": "",
				 "tokens_cached": 8}"""), plain(events.getLast()));
		assertEquals(5, events.size());
		assertFalse(answer.done(), "llama-server does not say [DONE] here");
	}

	@Test
	void likelihoodsAreToldForEachToken() {
		JsonNode result = complete("\"prompt\": \"a\", \"n_probs\": 1, \"n_predict\": 2, \"return_tokens\": true");

		assertEquals(ApiServer.json("""
				[{"id": 0, "token": "Hello", "bytes": [72, 101, 108, 108, 111], "logprob": -0.25,
				  "top_logprobs": [{"id": 100, "token": "t0", "bytes": [116, 48], "logprob": -0.5}]},
				 {"id": 1, "token": ",", "bytes": [44], "logprob": -0.25,
				  "top_logprobs": [{"id": 100, "token": "t0", "bytes": [116, 48], "logprob": -0.5}]}]"""), result.get("completion_probabilities"));
		assertEquals(ApiServer.json("[0, 1]"), result.get("tokens"));
		assertEquals("limit", result.get("stop_type").asString());
		assertEquals(result.get("completion_probabilities").get(1), api.post("/completion?model=scripted", """
				{"prompt": "a", "n_probs": 1, "stream": true}""").events().get(1).get("completion_probabilities").get(0));
	}

	@Test
	void promptsAreTextsTokensOrBoth() {
		complete("\"prompt\": \"<end>a\"");
		assertArrayEquals(new int[] { 257, 256, 97 }, tokens(api.inference.last()));
		complete("\"prompt\": [1, \"a\", 2]");
		assertArrayEquals(new int[] { 1, 97, 2 }, tokens(api.inference.last()));
		JsonNode results = complete("\"prompt\": [\"a\", [1, 2], [\"b\", 3]], \"n\": 2");
		assertArrayEquals(new int[] { 257, 98, 3 }, tokens(api.inference.last()));
		assertEquals(List.of(0, 1, 2, 3, 4, 5), results.values().stream().map(result -> result.get("index").asInt()).toList());
		assertEquals(List.of(4, 4, 4, 4, 4, 4), results.values().stream().map(result -> result.get("tokens_predicted").asInt()).toList());
		assertEquals("\u0001\u0002", results.get(2).get("prompt").asString());
	}

	@ParameterizedTest
	@CsvSource({ "false", "true" })
	void aPromptMayBeReadAndNothingSaid(boolean stream) {
		Answer answer = api.post("/completion?model=scripted", "{\"prompt\": \"a\", \"n_predict\": 0, \"stream\": %s}".formatted(stream));
		JsonNode result = stream ? answer.events().getFirst() : answer.json();

		assertEquals("", result.get("content").asString());
		assertEquals(List.of(0, 5, "limit"), List.of(result.get("tokens_predicted").asInt(), result.get("tokens_cached").asInt(),
				result.get("stop_type").asString()));
		assertEquals(0, result.at("/generation_settings/n_predict").asInt());
		assertEquals(Optional.of(1), api.inference.last().maxTokens());
	}

	@Test
	void theWordThatEndedItIsTold() {
		JsonNode result = complete("\"model\": \"stopped\", \"prompt\": \"a\", \"stop\": [\"END\"]");

		assertEquals(List.of("word", "END"), List.of(result.get("stop_type").asString(), result.get("stopping_word").asString()));
	}

	@Test
	void membersThatAreWantedAreCalledByTheirPaths() {
		assertEquals(ApiServer.json("{\"content\": \"Hello, wörld!\", \"timings/prompt_n\": 3, \"generation_settings/top_k\": 40}"),
				complete("\"prompt\": \"a\", \"response_fields\": [\"content\", \"timings/prompt_n\", \"generation_settings/top_k\", \"nothing/there\"]"));
	}

	@Test
	void editorsHaveGapsFilled() {
		JsonNode result = api.post("/infill?model=scripted", """
				{"id_slot": 0, "input_prefix": "int a", "input_suffix": ";\\n", "prompt": " = ", "input_extra": [{"filename": "b.c", "text": "int b;"},
				 {"text": "int c;"}], "n_predict": 4, "samplers": ["top_k", "top_p", "infill"], "top_k": 40, "t_max_prompt_ms": 500,
				 "t_max_predict_ms": 60000, "n_indent": 4, "cache_prompt": true, "stream": false}""").json();

		assertEquals(new Prompt.Gap("int a", ";\n", " = ", List.of(new Prompt.Gap.Extra("b.c", "int b;"), new Prompt.Gap.Extra("tmp", "int c;"))),
				api.inference.last().prompt());
		assertEquals(List.of(new Stage.TopK(40), new Stage.TopP(0.95f, 0)), api.inference.last().sampling().stages());
		assertEquals(Optional.empty(), api.inference.last().deadline(), "an answer that takes long is cut, not refused");
		assertEquals("Hello, wörld!", result.get("content").asString());
		assertEquals(60000, result.at("/generation_settings/t_max_predict_ms").asInt());
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			/completion | {}                                                            | 400 | prompt
			/completion | {"prompt": []}                                                | 400 | prompt
			/completion | {"prompt": {"prompt_string": "a", "multimodal_data": ["b"]}}  | 400 | prompt
			/completion | {"prompt": [-1]}                                              | 400 | prompt
			/completion | {"prompt": "a", "n_predict": -2}                              | 400 | n_predict
			/completion | {"prompt": "a", "temperature": "hot"}                         | 400 | temperature
			/completion | {"prompt": "a", "n_probs": 1, "post_sampling_probs": true}    | 400 | post_sampling_probs
			/completion | {"prompt": "a", "model": "unheard-of"}                        | 404 | model
			/infill     | {"input_prefix": "a"}                                         | 400 | input_suffix
			/infill     | {"input_prefix": "a", "input_suffix": "b", "input_extra": [{"filename": "c"}]} | 400 | input_extra[0].text
			""")
	void whatIsWrongIsRefusedByName(String path, String request, int status, String parameter) {
		Answer answer = api.post(path + "?model=scripted", request);

		assertEquals(status, answer.status());
		assertEquals(parameter, answer.json().get("error").get("param").asString());
	}

	@ParameterizedTest
	@CsvSource({ "false", "true" })
	void aChoiceEndsBeforeALineThatIsIndentedByLess(boolean stream) {
		Answer answer = api.post("/completion", "{\"model\": \"coding\", \"prompt\": \"a\", \"n_indent\": 2, \"stream\": %s}".formatted(stream));
		List<JsonNode> told = stream ? answer.events() : List.of(answer.json());

		assertEquals("a {\n  b;\n ", told.stream().map(each -> each.get("content").asString()).collect(Collectors.joining()));
		assertEquals("limit", told.getLast().get("stop_type").asString());
		assertTrue(told.getLast().get("has_new_line").asBoolean());
		assertEquals(Optional.of(0), api.inference.last().likelihoods(), "a choice that is cut counts its own tokens");
	}

	@Test
	void aChoiceOutOfTimeEndsWithItsLine() {
		JsonNode result = complete("\"model\": \"lines\", \"prompt\": \"a\", \"t_max_predict_ms\": 1");

		assertTrue(result.get("content").asString().endsWith("a line\n"), result::toString);
		assertEquals("limit", result.get("stop_type").asString());
		assertTrue(result.at("/timings/predicted_ms").asDouble() > 1, result::toString);
	}

	@Test
	void whatBreaksOffIsSaidSo() {
		List<JsonNode> events = api.post("/completion", "{\"model\": \"broken\", \"prompt\": \"a\", \"stream\": true}").events();

		assertEquals("server_error", events.getLast().at("/error/type").asString());
		assertEquals(500, api.post("/completion", "{\"model\": \"broken\", \"prompt\": \"a\"}").status());
	}
}
