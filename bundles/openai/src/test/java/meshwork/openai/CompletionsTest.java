package meshwork.openai;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

import meshwork.api.inference.Prompt;
import meshwork.openai.ApiServer.Answer;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/** {@code POST /v1/completions}: the older of the two, still what editors and evaluations use. */
@Timeout(60)
class CompletionsTest {

	@AutoClose
	private static final ApiServer api = new ApiServer();

	private static JsonNode constant(JsonNode answer) {
		var copy = (ObjectNode) answer.deepCopy();
		assertTrue(copy.path("id").asString().matches("cmpl-[A-Za-z0-9]{24}"), answer::toString);
		copy.remove(List.of("id", "created", "timings"));
		return copy;
	}

	@Test
	void anAnswerAtOnceHasAllThatClientsLookAt() {
		assertEquals(ApiServer.json("""
				{"object": "text_completion", "model": "scripted", "system_fingerprint": "script 1.0",
				 "choices": [{"text": "Hello, wörld!", "index": 0, "logprobs": null, "finish_reason": "stop"}],
				 "usage": {"prompt_tokens": 5, "completion_tokens": 4, "total_tokens": 9,
				   "prompt_tokens_details": {"cached_tokens": 2, "audio_tokens": 0},
				   "completion_tokens_details": {"reasoning_tokens": 0, "audio_tokens": 0, "accepted_prediction_tokens": 0,
				     "rejected_prediction_tokens": 0}}}"""), constant(api.complete("\"prompt\": \"Say hello\"").json()));
		assertEquals(new Prompt.Text("Say hello"), api.inference.last().prompt());
	}

	@Test
	void aStreamHasTheSameObjectsInParts() {
		Answer answer = api.complete("\"prompt\": \"a\", \"stream\": true, \"stream_options\": {\"include_usage\": true}");
		List<JsonNode> events = answer.events();

		assertEquals(ApiServer.json("""
				{"object": "text_completion", "model": "scripted", "system_fingerprint": "script 1.0",
				 "choices": [{"text": "Hello", "index": 0, "logprobs": null, "finish_reason": null}], "usage": null}"""), constant(events.getFirst()));
		assertEquals("stop", events.get(events.size() - 2).get("choices").get(0).get("finish_reason").asString());
		assertEquals(9, events.getLast().get("usage").get("total_tokens").asInt());
		assertTrue(answer.done());
	}

	@Test
	void severalPromptsHaveTheirChoicesOneAfterTheOther() {
		JsonNode answer = api.complete("\"prompt\": [\"a\", \"b\"], \"n\": 2, \"echo\": true").json();

		assertEquals(List.of("aHello, wörld!", "aHello, wörld!", "bHello, wörld!", "bHello, wörld!"),
				answer.get("choices").values().stream().map(choice -> choice.get("text").asString()).toList());
		assertEquals(List.of(0, 1, 2, 3), answer.get("choices").values().stream().map(choice -> choice.get("index").asInt()).toList());
		assertEquals(26, answer.get("usage").get("total_tokens").asInt());

		Map<Integer, String> texts = api.complete("\"prompt\": [\"a\", \"b\"], \"n\": 2, \"echo\": true, \"stream\": true").events().stream()
				.map(event -> event.get("choices").get(0)).collect(Collectors.groupingBy(choice -> choice.get("index").asInt(),
						Collectors.mapping(choice -> choice.get("text").asString(), Collectors.joining())));
		assertEquals(Map.of(0, "aHello, wörld!", 1, "aHello, wörld!", 2, "bHello, wörld!", 3, "bHello, wörld!"), texts);
	}

	@Test
	void promptsMayBeTokens() {
		api.complete("\"prompt\": [1, 2, 3]");
		assertArrayEquals(new int[] { 1, 2, 3 }, ((Prompt.Tokens) api.inference.last().prompt()).tokens());
		int before = api.inference.requests.size();
		api.complete("\"prompt\": [[1], [2, 3]]");
		assertEquals(before + 2, api.inference.requests.size());
		assertArrayEquals(new int[] { 2, 3 }, ((Prompt.Tokens) api.inference.last().prompt()).tokens());
	}

	@Test
	void aGapIsFilledBeforeItsSuffix() {
		JsonNode answer = api.complete("\"prompt\": [\"a\", \"b\"], \"suffix\": \"z\", \"echo\": true").json();

		assertEquals(new Prompt.Gap("b", "z", "", List.of()), api.inference.last().prompt());
		assertEquals("bHello, wörld!", answer.get("choices").get(1).get("text").asString());
		api.complete("\"prompt\": \"a\", \"suffix\": \"\"");
		assertEquals(new Prompt.Text("a"), api.inference.last().prompt());
	}

	@Test
	void likelihoodsAreInTheOlderForm() {
		JsonNode logprobs = api.complete("\"prompt\": \"ab\", \"logprobs\": 1, \"max_tokens\": 3").json().get("choices").get(0).get("logprobs");

		assertEquals(ApiServer.json("""
				{"tokens": ["Hello", ",", " wörld"], "token_logprobs": [-0.25, -0.25, -0.25], "top_logprobs": [{"t0": -0.5}, {"t0": -0.5}, {"t0": -0.5}],
				 "text_offset": [0, 5, 6]}"""), logprobs);
	}

	@ParameterizedTest
	@CsvSource(delimiter = '|', quoteCharacter = '\u0000', textBlock = """
			"model": "scripted"                                    | prompt       | missing_required_parameter
			"prompt": []                                           | prompt       | invalid_value
			"prompt": ["a", 1]                                     | prompt       | invalid_value
			"prompt": [-1]                                         | prompt       | invalid_value
			"prompt": [[1, "a"]]                                   | prompt       | invalid_value
			"prompt": {}                                           | prompt       | invalid_type
			"prompt": [1], "suffix": "b"                           | suffix       | unsupported_parameter
			"prompt": "a", "best_of": 2                            | best_of      | unsupported_parameter
			"prompt": [1], "echo": true                            | echo         | unsupported_parameter
			"prompt": "a", "echo": true, "logprobs": 0             | echo         | unsupported_parameter
			"prompt": "a", "logprobs": true                        | logprobs     | invalid_type
			""")
	void whatIsWrongOrCannotBeDoneIsRefusedByName(String members, String parameter, String code) {
		Answer answer = api.complete(members);

		assertEquals(400, answer.status());
		assertEquals(parameter, answer.json().get("error").get("param").asString());
		assertEquals(code, answer.json().get("error").get("code").asString());
	}
}
